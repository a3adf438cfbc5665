import { z } from "zod";
import { advancedPostgresSizes, postgresSizes, valkeySizes } from "../prices/digitalocean";
import { tiers } from "../tiers";
import { externalPostgres, externalRedis, maintenance } from "./dataKeys";
import { choice, names, whole } from "./leaf";

const { postgres: spec, redis: redisSpec } = tiers.medium;

/** Every size that either edition has; the check of the editions says which goes with which. */
const sizes = [...names(advancedPostgresSizes), ...names(postgresSizes)] as const;

/** Who runs Postgres, in which edition, and how large it is. */
export const mediumPostgres = z
  .strictObject({
    provider: choice(["digitalocean", "external"], {
      description: "Who runs Postgres: DigitalOcean, or anyone with a URL (Supabase, Railway).",
    }).default("digitalocean"),
    edition: choice(["advanced", "standard"], {
      description:
        "DigitalOcean's edition: advanced has standby nodes; a new standard cluster has none.",
    }).default("advanced"),
    clusterSince: choice(["new", "before-2026-11-30"], {
      description:
        "Whether the standard cluster exists since before DigitalOcean's plan change: it keeps its standby nodes, replicas and larger sizes.",
    }).default("new"),
    size: choice(sizes, {
      description: `Size of a node; ${spec.defaultSizes.advanced} (advanced) or ${spec.defaultSizes.standard} (standard) where not set.`,
      example: spec.defaultSizes.advanced,
    }).optional(),
    nodes: whole(1, 3, {
      description: "Nodes of the cluster: the primary and its standbys.",
      example: String(spec.nodeCount),
    }).default(spec.nodeCount),
    storageGib: whole(10, 16_000, {
      description: "Storage of each node; what the size includes where not set.",
      example: "100",
    }).optional(),
    readReplicas: whole(0, 2, {
      description:
        "Read replicas. The app reads from the first; a second is for whoever else may read.",
      example: "0",
    }).default(0),
    pool: z
      .strictObject({
        mode: choice(["off", "transaction", "session"], {
          description: "The provider's PgBouncer between the app and the database.",
        }).default("off"),
        size: whole(1, 1_000, {
          description: "Connections of that pool to the database.",
          example: String(spec.poolSize),
        }).default(spec.poolSize),
      })
      .prefault({}),
    ...externalPostgres,
    ...maintenance,
  })
  .prefault({});

/** Who runs Redis, and how large it is. */
export const mediumRedis = z
  .strictObject({
    provider: choice(["digitalocean", "external", "none"], {
      description: "Who runs Redis: DigitalOcean (Valkey), anyone with a URL, no one.",
    }).default("digitalocean"),
    size: choice(names(valkeySizes), {
      description: "Size of the managed Valkey.",
      example: redisSpec.defaultManagedSize,
    }).default(redisSpec.defaultManagedSize),
    nodes: whole(1, 2, {
      description: "Nodes of the managed Valkey; the second is a standby.",
      example: "1",
    }).default(1),
    ...externalRedis,
  })
  .prefault({});
