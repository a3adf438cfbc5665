import { z } from "zod";
import { dropletSizes, postgresSizes, regions, valkeySizes } from "../prices/digitalocean";
import { tiers } from "../tiers";
import { rules, ruleIds, type RuleId, type ThresholdEdits } from "../tiers/thresholds";
import { stackKinds } from "../tiers/types";
import { encryptedHere } from "./encrypted";
import { creatablePostgresSizes, smallTierDroplets } from "./sizes";

/** What the reference table and the error messages say of a key. */
export interface KeyFacts {
  readonly description: string;
  /** What a value may be, in words; error messages print it. */
  readonly allowed: string;
  /** A value that works, for the fix that an error message proposes. */
  readonly example: string;
  /** Passes the schema where the example does not (it is a shell expression): see `standIn`. */
  readonly valid?: string;
  /** Set with `--secret`; never printed. */
  readonly secret?: boolean;
}

const small = tiers.small;
const names = <T extends object>(table: T): readonly (keyof T & string)[] =>
  Object.keys(table) as (keyof T & string)[];

function choice<const T extends readonly string[]>(
  values: T,
  facts: Pick<KeyFacts, "description"> & Partial<KeyFacts>,
) {
  const [first = ""] = values;
  return z.enum(values).meta({ example: first, allowed: values.join(", "), ...facts });
}

const text = (pattern: RegExp, facts: KeyFacts) =>
  z
    .string()
    .regex(pattern)
    .meta({ ...facts });
const whole = (low: number, high: number, facts: Omit<KeyFacts, "allowed">) =>
  z
    .int()
    .min(low)
    .max(high)
    .meta({ ...facts, allowed: `a whole number from ${low} to ${high}` });
const secretText = (facts: Omit<KeyFacts, "secret">, fits: (value: string) => boolean) =>
  z
    .string()
    .refine((value) => value === encryptedHere || fits(value))
    .meta({ ...facts, secret: true });

const hostName = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const hostNameWords = "a host name in lower case, such as drops.example.com";

function isUrl(value: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return protocols.includes(url.protocol) && url.hostname !== "";
}

const email = z.email().meta({
  description: "Address that gets alarms; verified in the DigitalOcean account.",
  allowed: "an e-mail address",
  example: "ops@example.com",
});

const cloudflare = z
  .strictObject({
    zoneId: text(/^[0-9a-f]{32}$/, {
      description: "Id of the Cloudflare zone that holds the domain.",
      allowed: "32 hexadecimal digits (zone overview, API section)",
      example: "0123456789abcdef0123456789abcdef",
    }),
    zone: text(hostName, {
      description: "Name of that zone.",
      allowed: hostNameWords,
      example: "example.com",
    }),
    // Pro joins with the medium tier, which needs it.
    plan: choice(["free"], {
      description: "The zone's plan; what it lacks is refused.",
    }).default("free"),
    acmeToken: secretText(
      {
        description: "API token for DNS-01 (Zone:DNS:Edit on this zone); stays on the server.",
        allowed: "a Cloudflare API token",
        example: "TOKEN",
      },
      (value) => /^[\w-]{10,}$/.test(value),
    ).optional(),
  })
  .optional();

const domain = text(hostName, {
  description: "Public host name. Without it the site answers on its address, over plain HTTP.",
  allowed: hostNameWords,
  example: "drops.example.com",
}).optional();

const protection = choice(["on", "off"], {
  description:
    "Guards data against deletion: Pulumi's `protect` on databases, caches, buckets and the address.",
}).default("on");

const thresholdValue = (id: RuleId, severity: "critical" | "warning") => {
  const rule = rules[id];
  const level = rule[severity];
  if (level === undefined) return undefined;
  return z
    .number()
    .min(0)
    .meta({
      description: `${rule.title}: ${severity} when ${rule.metric} ${rule.comparison} this.`,
      allowed:
        rule.unit === "percent" ? "a number from 0 to 100" : `a number of ${rule.unit}, 0 or more`,
      example: String(level.value),
    })
    .default(level.value);
};

const thresholds = z
  .strictObject(
    Object.fromEntries(
      ruleIds.map((id) => {
        const levels = {
          critical: thresholdValue(id, "critical"),
          warning: thresholdValue(id, "warning"),
        };
        const present = Object.entries(levels).filter(([, schema]) => schema !== undefined);
        return [id, z.strictObject(Object.fromEntries(present)).prefault({})];
      }),
    ),
  )
  .prefault({}) as unknown as z.ZodPrefault<z.ZodType<ThresholdEdits, ThresholdEdits>>;

const alerts = z
  .strictObject({
    emails: z.array(email).default([]),
    slack: z
      .strictObject({
        channel: text(/^#[a-z0-9_-]{1,80}$/, {
          description: "Slack channel that gets every alarm.",
          allowed: "a channel name that begins with #",
          example: "#drops-alerts",
        }),
        url: secretText(
          {
            description: "Slack incoming webhook.",
            allowed: "an https://hooks.slack.com/… address",
            example: "https://hooks.slack.com/services/T…/B…/…",
          },
          (value) => isUrl(value, ["https:"]) && new URL(value).hostname === "hooks.slack.com",
        ),
      })
      .optional(),
    webhook: z
      .strictObject({
        url: secretText(
          {
            description: "Alertmanager webhook that gets the alarms evaluated on the server.",
            allowed: "an https:// address",
            example: "https://alerts.example.com/hook",
          },
          (value) => isUrl(value, ["https:"]),
        ),
      })
      .optional(),
    smtp: z
      .strictObject({
        host: text(hostName, {
          description: "Mail relay for the alarms evaluated on the server.",
          allowed: hostNameWords,
          example: "smtp.example.com",
        }),
        port: whole(1, 65_535, { description: "Port of the relay.", example: "2525" }).default(
          2525,
        ),
        username: z.string().min(1).meta({
          description: "User name at the relay.",
          allowed: "a text that is not empty",
          example: "drops",
        }),
        from: email.meta({
          description: "Sender of the alarms.",
          allowed: "an e-mail address",
          example: "drops@example.com",
        }),
        password: secretText(
          {
            description: "Password at the relay.",
            allowed: "a text that is not empty",
            example: "PASSWORD",
          },
          (value) => value.length > 0,
        ),
      })
      .optional(),
  })
  .prefault({});

const postgres = z
  .strictObject({
    provider: choice(["digitalocean", "external"], {
      description: "Who runs Postgres: DigitalOcean, or anyone with a URL (Supabase, Railway).",
    }).default("digitalocean"),
    size: choice(names(postgresSizes), {
      description: "Size of the managed database.",
      allowed: creatablePostgresSizes.join(", "),
      example: small.postgres.defaultSize,
    }).default(small.postgres.defaultSize),
    readReplicas: whole(0, 2, { description: "Read replicas.", example: "0" }).default(0),
    url: secretText(
      {
        description: "URL of an external Postgres; the role must own the database.",
        allowed: "postgresql://user:password@host:port/database?sslmode=…",
        example: "postgresql://user:password@db.example.com:5432/drops?sslmode=require",
      },
      (value) => isUrl(value, ["postgres:", "postgresql:"]) && new URL(value).pathname.length > 1,
    ).optional(),
    connectionLimit: whole(10, 10_000, {
      description: "Connections that an external Postgres allows.",
      example: "60",
    }).optional(),
    maintenanceDay: choice(
      ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
      { description: "Day of the provider's maintenance.", example: "sunday" },
    ).default("sunday"),
    maintenanceHourUtc: whole(0, 23, {
      description: "Hour of the provider's maintenance, UTC.",
      example: "3",
    }).default(3),
  })
  .prefault({});

const redis = z
  .strictObject({
    provider: choice(["host", "digitalocean", "external", "none"], {
      description:
        "Who runs Redis: the server itself, DigitalOcean (Valkey), anyone with a URL, no one.",
    }).default("host"),
    maxMemoryMib: whole(16, 4_096, {
      description: "Memory for cached data when Redis runs on the server.",
      example: String(small.redis.hostMaxMemoryMib),
    }).default(small.redis.hostMaxMemoryMib),
    size: choice(names(valkeySizes), {
      description: "Size of the managed Valkey.",
      example: small.redis.defaultManagedSize,
    }).default(small.redis.defaultManagedSize),
    url: secretText(
      {
        description: "URL of an external Redis.",
        allowed: "redis:// or rediss:// with a host",
        example: "rediss://default:password@cache.example.com:6379",
      },
      (value) => isUrl(value, ["redis:", "rediss:"]),
    ).optional(),
  })
  .prefault({});

/** Keys of a small stack, under the `drops:` namespace. */
export const smallSchema = z.strictObject({
  tier: choice(stackKinds, {
    description: "What the stack is; the stack's name where it is one of these.",
  }),
  protection,
  region: choice(names(regions), {
    description: "DigitalOcean region of the server and the database.",
    example: small.defaultRegion,
  }).default(small.defaultRegion),
  domain,
  cloudflare,
  ssh: z.strictObject({
    publicKey: text(
      /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/=]+( .*)?$/,
      {
        description: "Public key that may log in as the operator.",
        allowed: "a line of an OpenSSH .pub file",
        example: "$(cat ~/.ssh/id_ed25519.pub)",
        valid: "ssh-ed25519 AAAA",
      },
    ),
    privateKey: secretText(
      {
        description: "Its private key; without it the SSH agent (SSH_AUTH_SOCK) is asked.",
        allowed: "a private key in PEM",
        example: "$(cat ~/.ssh/id_ed25519)",
      },
      (value) => value.includes("PRIVATE KEY-----"),
    ).optional(),
    cidrs: z
      .array(
        z.union([z.cidrv4(), z.cidrv6()]).meta({
          description: "Networks that may reach SSH.",
          allowed: "an address range such as 203.0.113.7/32",
          example: "203.0.113.7/32",
        }),
      )
      .min(1)
      .meta({
        description: "Networks that may reach SSH.",
        allowed: "at least one address range such as 203.0.113.7/32",
        example: "203.0.113.7/32",
      }),
  }),
  vpcCidr: z
    .cidrv4()
    .meta({
      description: "Private network; no two stacks of one account may overlap.",
      allowed: "a private IPv4 range from /16 to /24",
      example: small.vpcCidr,
    })
    .default(small.vpcCidr),
  vps: z
    .strictObject({
      size: choice(names(dropletSizes), {
        description: "Size of the server.",
        allowed: smallTierDroplets.join(", "),
        example: small.vps.defaultSize,
      }).default(small.vps.defaultSize),
      backups: choice(["weekly", "daily", "off"], {
        description: "The provider's backups of the whole server.",
      }).default("weekly"),
      rebuild: whole(1, 1_000_000, {
        description: "Raise it to build the server anew; nothing else does.",
        example: "2",
      }).default(1),
    })
    .prefault({}),
  app: z
    .strictObject({
      processes: whole(1, 16, {
        description: "PM2 processes; one per vCPU where not set.",
        example: "2",
      }).optional(),
      poolPerProcess: whole(1, 100, {
        description: "Database connections that one process may open.",
        example: String(small.app.poolPerProcess),
      }).default(small.app.poolPerProcess),
      maxMemoryMib: whole(128, 4_096, {
        description: "A process that grows beyond this is restarted.",
        example: "768",
      }).default(768),
    })
    .prefault({}),
  postgres,
  redis,
  backups: z
    .strictObject({
      dump: choice(["on", "off"], {
        description: "Nightly logical dump to a bucket.",
      }).default("on"),
      retentionDays: whole(1, 365, {
        description: "How long a dump is kept.",
        example: String(small.backups.dumpRetentionDays),
      }).default(small.backups.dumpRetentionDays),
    })
    .prefault({}),
  alerts,
  thresholds,
});

/** Keys of the `edge` stack, under the `drops:` namespace. */
export const edgeSchema = z.strictObject({
  tier: smallSchema.shape.tier,
  protection,
  domain: domain.unwrap(),
  // The token stays with the server that needs it.
  cloudflare: cloudflare.unwrap().omit({ acmeToken: true }),
  live: text(/^[a-z][a-z0-9-]{0,30}$/, {
    description: "Name of the stack that serves users; one change of one record moves them.",
    allowed: "the name of a stack",
    example: "small",
  }),
  rateLimit: z
    .strictObject({
      requestsPerPeriod: whole(1, 100_000, {
        description: "Requests one address may send in a period before it is blocked.",
        example: "100",
      }).default(100),
      periodSeconds: whole(10, 65_535, {
        description: "Length of that period; the plan sets the longest.",
        example: "10",
      }).default(10),
    })
    .prefault({}),
  hstsMaxAgeSeconds: whole(0, 63_072_000, {
    description: "How long browsers insist on HTTPS.",
    example: "31536000",
  }).default(31_536_000),
});

export type SmallConfig = z.output<typeof smallSchema>;
export type EdgeConfig = z.output<typeof edgeSchema>;
