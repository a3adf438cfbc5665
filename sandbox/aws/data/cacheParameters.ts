import { z } from "zod";
import { valkeyVersions } from "../../../prices/aws";
import { regional } from "../awsKind";
import { arnOf, filled, regionOf } from "../shapes";
import { reachCaches } from "./cacheServer";
import { AwsError } from "../refusal";
import { cacheParameterGroupType, elasticache } from "./words";

/** Families of parameter groups, by engine and major version. */
const families: readonly string[] = [
  ...new Set(valkeyVersions.map((version) => `valkey${version.split(".", 1)[0] ?? ""}`)),
  ...["redis6.x", "redis7"],
];

const policies = [
  ...["volatile-lru", "allkeys-lru", "volatile-lfu", "allkeys-lfu"],
  ...["volatile-random", "allkeys-random", "volatile-ttl", "noeviction"],
];

/** Numbers by smallest and largest value; or the values that there are; or any text. */
type Allowed = readonly [low: number, high: number] | readonly string[] | "text";

/**
 * Parameters that can be changed and are known here (ElastiCache's guide, "Valkey and Redis OSS
 * parameters"; limits beyond those that it states are not checked).
 */
const known: Readonly<Record<string, Allowed>> = {
  "cluster-enabled": ["yes", "no"],
  "cluster-require-full-coverage": ["yes", "no"],
  "cluster-allow-reads-when-down": ["yes", "no"],
  "maxmemory-policy": policies,
  "maxmemory-samples": [1, 1_000],
  "reserved-memory-percent": [0, 100],
  activedefrag: ["yes", "no"],
  activerehashing: ["yes", "no"],
  appendonly: ["yes", "no"],
  "close-on-replica-write": ["yes", "no"],
  databases: [1, 1_200_000],
  "latency-tracking": ["yes", "no"],
  "lazyfree-lazy-eviction": ["yes", "no"],
  "lazyfree-lazy-expire": ["yes", "no"],
  "lazyfree-lazy-server-del": ["yes", "no"],
  "lazyfree-lazy-user-del": ["yes", "no"],
  "lfu-decay-time": [0, 65_535],
  "lfu-log-factor": [0, 255],
  "notify-keyspace-events": "text",
  "slowlog-log-slower-than": [-1, 2_147_483_647],
  "slowlog-max-len": [0, 2_147_483_647],
  "tcp-keepalive": [0, 2_147_483_647],
  timeout: [0, 2_147_483_647],
  "hash-max-listpack-entries": [0, 2_147_483_647],
  "hash-max-listpack-value": [0, 2_147_483_647],
  "set-max-intset-entries": [0, 2_147_483_647],
  "zset-max-listpack-entries": [0, 2_147_483_647],
  "zset-max-listpack-value": [0, 2_147_483_647],
  "client-output-buffer-limit-pubsub-hard-limit": [0, Number.MAX_SAFE_INTEGER],
  "client-output-buffer-limit-pubsub-soft-limit": [0, Number.MAX_SAFE_INTEGER],
  "client-output-buffer-limit-pubsub-soft-seconds": [0, 2_147_483_647],
};

const inputs = z.object({
  name: z
    .string()
    .max(255)
    .regex(
      /^[A-Za-z](-?[0-9A-Za-z.])*$/,
      "letters, digits, periods and single hyphens, a letter first",
    )
    .optional(),
  family: filled,
  description: filled.optional(),
  parameters: z.array(z.strictObject({ name: filled, value: z.string() })).optional(),
});

export const cacheParameterGroup = regional({
  type: cacheParameterGroupType,
  api: elasticache("ElastiCache Parameter Group", "CreateCacheParameterGroup", {
    taken: "CacheParameterGroupAlreadyExists",
  }),
  inputs,
  immutable: ["name", "family", "description"],
  autoName: "name",
  defaults: { description: "Managed by Pulumi" },
  unique: [["name", "region"]],
  conflict: ({ name }) => `Parameter group ${String(name)} already exists`,
  inUse: (names) =>
    `One or more cache clusters are still members of this parameter group, so the group cannot be deleted (${names.join(", ")})`,
  idStyle: ({ name }) => String(name).toLowerCase(),
  recorded: "of its parameters the cluster mode and the eviction policy take effect",
  refuse: ({ inputs: given }) => {
    const { family, parameters = [] } = given as z.infer<typeof inputs>;
    if (!families.includes(family)) {
      throw invalid(
        `CacheParameterGroupFamily ${family} is not a valid parameter group family; the embedded cloud has ${families.join(", ")}`,
      );
    }
    for (const { name, value } of parameters) {
      const values = Object.hasOwn(known, name) ? known[name] : undefined;
      if (values === undefined) throw invalid(`Could not find parameter with name: ${name}`);
      if (!isAllowed(values, value)) {
        throw invalid(`Invalid parameter value: ${value} for: ${name}. Allowed: ${said(values)}`);
      }
    }
  },
  create: ({ id, inputs: given }) => ({
    outputs: {
      arn: arnOf("elasticache", regionOf(given), `parametergroup:${id}`),
      parameters: given["parameters"] ?? [],
    },
  }),
  update: async ({ cloud, inputs: given }) => {
    await reachCaches(cloud, given);
    return { outputs: { parameters: given["parameters"] ?? [] } };
  },
});

const invalid = (message: string): AwsError => new AwsError("InvalidParameterValue", message);

const isRange = (values: Allowed): values is readonly [number, number] =>
  typeof values[0] === "number";

function isAllowed(values: Allowed, value: string): boolean {
  if (values === "text") return true;
  if (!isRange(values)) return values.includes(value);
  const [low, high] = values;
  return /^-?\d+$/.test(value) && Number(value) >= low && Number(value) <= high;
}

const said = (values: Allowed): string =>
  values === "text" ? "any" : isRange(values) ? values.join("-") : values.join(",");
