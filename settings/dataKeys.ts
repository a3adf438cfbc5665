import { z } from "zod";
import { postgresSizes, valkeySizes } from "../prices/digitalocean";
import { tiers } from "../tiers";
import { choice, isUrl, names, secretText, whole } from "./leaf";
import { creatablePostgresSizes } from "./sizes";

const small = tiers.small;

/** Where an external Postgres is, and what it allows. */
const postgresUrl = (description: string, user: string) =>
  secretText(
    {
      description,
      allowed: "postgresql://user:password@host:port/database?sslmode=…",
      example: `postgresql://${user}:password@db.example.com:5432/drops?sslmode=require`,
    },
    (value) => isUrl(value, ["postgres:", "postgresql:"]) && new URL(value).pathname.length > 1,
  );

export const externalPostgres = {
  url: postgresUrl("URL of an external Postgres, as the app's role.", "drops_app").optional(),
  ownerUrl: postgresUrl(
    "The same as the role that owns the schema, which migrates it; the app's role where not set.",
    "drops_owner",
  ).optional(),
  connectionLimit: whole(10, 10_000, {
    description: "Connections that an external Postgres allows.",
    example: "60",
  }).optional(),
};

/** When the provider may take a managed database down for a moment. */
export const maintenance = {
  maintenanceDay: choice(
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    { description: "Day of the provider's maintenance.", example: "sunday" },
  ).default("sunday"),
  maintenanceHourUtc: whole(0, 23, {
    description: "Hour of the provider's maintenance, UTC.",
    example: "3",
  }).default(3),
};

/** Where an external Redis is. */
export const externalRedis = {
  url: secretText(
    {
      description: "URL of an external Redis.",
      allowed: "redis:// or rediss:// with a host",
      example: "rediss://default:password@cache.example.com:6379",
    },
    (value) => isUrl(value, ["redis:", "rediss:"]),
  ).optional(),
};

/** Who runs Postgres, and how large it is. */
export const postgres = z
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
    ...externalPostgres,
    ...maintenance,
  })
  .prefault({});

/** Who runs Redis, and how large it is. */
export const redis = z
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
    ...externalRedis,
  })
  .prefault({});
