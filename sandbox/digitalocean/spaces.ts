import { randomBytes } from "node:crypto";
import { z } from "zod";
import { regions } from "../../prices/digitalocean";
import { CloudError, type Kind } from "../cloud/kind";
import { quotas } from "./quotas";
import { filled, now } from "./shapes";

const spacesRegions = Object.entries(regions)
  .filter(([, { spaces }]) => spaces)
  .map(([slug]) => slug);

const days = z.int().min(0);
const bucketInputs = z.object({
  name: z.string().optional(),
  region: z
    .string()
    .refine((slug) => spacesRegions.includes(slug.toLowerCase()), {
      message: `expected region to be one of ${spacesRegions.join(", ")}`,
    })
    .optional(),
  acl: z.string().optional(),
  forceDestroy: z.boolean().optional(),
  versioning: z.strictObject({ enabled: z.boolean().optional() }).optional(),
  corsRules: z
    .array(
      z.strictObject({
        allowedHeaders: z.array(z.string()).optional(),
        allowedMethods: z.array(z.string()),
        allowedOrigins: z.array(z.string()),
        maxAgeSeconds: z.int().optional(),
      }),
    )
    .optional(),
  lifecycleRules: z
    .array(
      z.strictObject({
        id: z.string().max(255).optional(),
        enabled: z.boolean(),
        prefix: z.string().optional(),
        abortIncompleteMultipartUploadDays: z.int().optional(),
        expiration: z
          .strictObject({
            date: z.iso.date().optional(),
            days: days.optional(),
            expiredObjectDeleteMarker: z.boolean().optional(),
          })
          .optional(),
        noncurrentVersionExpiration: z.strictObject({ days: days.min(1).optional() }).optional(),
      }),
    )
    .optional(),
});

const spacesBucketType = "digitalocean:index/spacesBucket:SpacesBucket";

export const spacesBucket: Kind = {
  type: spacesBucketType,
  inputs: bucketInputs,
  immutable: ["name", "region"],
  autoName: "name",
  defaults: { region: "nyc3", acl: "private" },
  unique: [["name"]],
  conflict: () => "BucketAlreadyExists",
  quota: quotas.spacesBuckets,
  idStyle: ({ name }) => String(name),
  // Always empty, so nothing hinders its deletion.
  recorded: "nothing stores objects here: backups of the server find no bucket",
  refuse: ({ inputs: { name, acl } }) => {
    if (typeof name !== "string" || !/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) {
      throw new CloudError(
        400,
        `InvalidBucketName: 3 to 63 lower-case letters, digits and hyphens, got "${String(name)}"`,
      );
    }
    if (acl !== "private" && acl !== "public-read") {
      throw new CloudError(
        400,
        `InvalidArgument: acl is private or public-read, got "${String(acl)}"`,
      );
    }
  },
  create: ({ inputs: { name, region } }) => {
    const endpoint = `${String(region)}.digitaloceanspaces.com`;
    return {
      outputs: {
        endpoint,
        bucketDomainName: `${String(name)}.${endpoint}`,
        bucketUrn: `do:space:${String(name)}`,
      },
    };
  },
};

const keyInputs = z.object({
  name: filled.optional(),
  grants: z.array(z.strictObject({ bucket: z.string(), permission: z.string() })).optional(),
});
const permissions = ["read", "readwrite", "fullaccess"];

export const spacesKey: Kind = {
  type: "digitalocean:index/spacesKey:SpacesKey",
  inputs: keyInputs,
  immutable: [],
  autoName: "name",
  references: [
    {
      input: "grants[].bucket",
      type: spacesBucketType,
      property: "name",
      onDelete: "release",
      when: ({ bucket }) => bucket !== "",
    },
  ],
  quota: quotas.spacesKeys,
  // The provider's id is the access key.
  idStyle: () =>
    `DO${randomBytes(18).toString("base64url").replace(/[-_]/g, "0").toUpperCase().slice(0, 18)}`,
  recorded: "it opens nothing: nothing stores objects here",
  refuse: ({ inputs }) => {
    for (const { bucket, permission } of (inputs as z.infer<typeof keyInputs>).grants ?? []) {
      if (!permissions.includes(permission)) {
        throw new CloudError(
          400,
          `invalid permission "${permission}"; allowed: ${permissions.join(", ")}`,
        );
      }
      if ((permission === "fullaccess") !== (bucket === "")) {
        throw new CloudError(
          400,
          `permission ${permission} on bucket "${bucket}": fullaccess is for all buckets and names none, the others name one`,
        );
      }
    }
  },
  create: ({ id, before }) => ({
    outputs: {
      accessKey: id,
      secretKey: before?.outputs["secretKey"] ?? randomBytes(32).toString("base64url"),
      createdAt: now(),
    },
  }),
};
