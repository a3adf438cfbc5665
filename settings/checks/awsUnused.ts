import { largeSchema } from "../largeSchema";
import { problem, removeCommand, schemaAt, setCommand, shown, type Problem } from "../problems";
import { edgeSchema, type LargeConfig } from "../schema";
import type { z } from "zod";

/** Keys that nothing reads while another has some value. */
interface Unused {
  /** The group that they are in. */
  readonly group: keyof LargeConfig;
  readonly keys: readonly string[];
  /** The other key, with its value. */
  readonly because: string;
}

const ofInstances = ["instanceClass"];
const ofCapacity = ["minAcu", "maxAcu"];
const ofAurora = [
  ...["engineVersion", "mode", ...ofInstances, ...ofCapacity],
  ...["readers", "readerScaling", "storage", "maxConnections", "proxy", "insights", "backupDays"],
];
const ofMaintenance = ["maintenanceDay", "maintenanceHourUtc"];
const ofElastiCache = ["nodeType", "shards", "replicasPerShard"];

function unusedIn({ postgres, redis, backups, edge }: LargeConfig): readonly Unused[] {
  const unused: Unused[] = [];
  const add = (group: Unused["group"], keys: readonly string[], because: string): void => {
    unused.push({ group, keys, because });
  };
  const external = postgres.provider === "external";
  if (external) {
    add("postgres", ofAurora, "provider external");
    if (redis.provider !== "elasticache") {
      add("postgres", ofMaintenance, "nothing that AWS maintains");
    }
    add("backups", ["copyRegion"], "drops:postgres.provider external");
  } else {
    add("postgres", ["connectionLimit"], "provider aurora");
    if (postgres.mode === "serverless") add("postgres", ofInstances, "mode serverless");
    else add("postgres", ofCapacity, "mode provisioned");
  }
  if (!external && backups.plan === "off") add("backups", ["copyRegion"], "plan off");
  if (redis.provider !== "elasticache") {
    add("redis", ofElastiCache, `provider ${redis.provider}`);
  }
  if (redis.provider !== "external") add("redis", ["mode"], `provider ${redis.provider}`);
  if (edge === "cloudflare") {
    const because = "drops:edge cloudflare";
    add("rateLimit", ["requestsPerPeriod", "periodSeconds"], because);
    add("hsts", ["maxAgeSeconds"], because);
    add("network", ["cloudfrontPrefixList"], because);
  }
  return unused;
}

/**
 * Settings that would silently do nothing. Defaults are filled in before this is asked, so that one
 * which was written out passes: it does no harm.
 */
export function unusedProblems(config: LargeConfig): Problem[] {
  return unusedIn(config).flatMap(({ group, keys, because }) =>
    keys.flatMap((key) => {
      const value = (config[group] as Readonly<Record<string, unknown>>)[key];
      const path = [group, key];
      const usual = defaultOf(path);
      if (value === usual) return [];
      return [
        problem(
          path,
          `${shown(value)}, which has no effect with ${because}`,
          usual === undefined ? "nothing" : `${shown(usual)}, the default`,
          [removeCommand(path), ...onTheEdge(path, value)].join(", and "),
        ),
      ];
    }),
  );
}

function defaultOf(path: readonly string[]): unknown {
  const schema = schemaAt(largeSchema, path) as z.ZodType | undefined;
  return schema?.safeParse(undefined).data;
}

/** What Cloudflare does in place of CloudFront is a setting of the edge stack. */
function onTheEdge(path: readonly string[], value: unknown): string[] {
  if (schemaAt(edgeSchema, path) === undefined || typeof value !== "number") return [];
  return [setCommand(path, String(value)).replace("config set", "config set --stack edge")];
}
