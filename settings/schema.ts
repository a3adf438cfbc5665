import { z } from "zod";
import { dropletSizes, regions } from "../prices/digitalocean";
import { tiers } from "../tiers";
import { stackKinds } from "../tiers/types";
import { alerts, thresholds } from "./alarmKeys";
import { postgres, redis } from "./dataKeys";
import { stackNamePattern, stackNameWords } from "./names";
import { choice, hostName, hostNameWords, names, secretText, text, whole } from "./leaf";
import { smallTierDroplets } from "./sizes";
import { ssh } from "./sshKeys";

const small = tiers.small;

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

/** Keys of a small stack, under the `drops:` namespace. */
export const smallSchema = z.strictObject({
  tier: choice(stackKinds, {
    description: "What the stack is; the stack's name where it is one of these.",
  }),
  protection,
  region: choice(names(regions), {
    description:
      "DigitalOcean region of the server and the database. A change replaces both, and the address.",
    example: small.defaultRegion,
  }).default(small.defaultRegion),
  domain,
  cloudflare,
  ssh,
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
      poolPerProcess: whole(2, 100, {
        description:
          "Database connections that one process may open, its control connection included.",
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
  domain: domain.unwrap(),
  // The token stays with the server that needs it.
  cloudflare: cloudflare.unwrap().omit({ acmeToken: true }),
  live: text(stackNamePattern, {
    description: "Name of the stack that serves users; one change of one record moves them.",
    allowed: `the name of a stack: ${stackNameWords}`,
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
  hsts: z
    .strictObject({
      maxAgeSeconds: whole(0, 63_072_000, {
        description: "How long browsers insist on HTTPS; 0 takes it back.",
        example: "31536000",
      }).default(31_536_000),
    })
    .prefault({}),
});

export type SmallConfig = z.output<typeof smallSchema>;
export type EdgeConfig = z.output<typeof edgeSchema>;
