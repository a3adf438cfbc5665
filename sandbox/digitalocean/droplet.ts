import { z } from "zod";
import { findDropletSize, userDataMaxBytes } from "../../prices/digitalocean";
import { CloudError, type Kind, type Operation, type Values } from "../cloud/kind";
import { nextPrivateAddress, nextPublicAddress } from "./addresses";
import { dropletSlugs, images } from "./catalogue";
import { ProviderError } from "./refusal";
import { filled, now, requireRegion, tags, texts } from "./shapes";
import { sshKeyType } from "./sshKey";
import { vpcType } from "./vpc";

const shape = z.object({
  name: filled.optional(),
  image: filled,
  size: filled,
  region: filled.optional(),
  backups: z.boolean().optional(),
  backupPolicy: z
    .strictObject({
      plan: z.enum(["daily", "weekly"]).optional(),
      weekday: z.enum(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]).optional(),
      hour: z.int().min(0).max(20).optional(),
    })
    .optional(),
  dropletAgent: z.boolean().optional(),
  gpuPartitionMode: z.string().optional(),
  gracefulShutdown: z.boolean().optional(),
  ipv6: z.boolean().optional(),
  ipv6Address: z.string().optional(),
  monitoring: z.boolean().optional(),
  privateNetworking: z.boolean().optional(),
  publicNetworking: z.boolean().optional(),
  resizeDisk: z.boolean().optional(),
  sshKeys: texts.optional(),
  tags,
  userData: filled.optional(),
  volumeIds: z.array(z.string()).optional(),
  vpcUuid: filled.optional(),
});
// About the one that is missing, so that nothing is said where it is not known yet.
const inputs = shape.superRefine(({ backups, backupPolicy }, context) => {
  if (backupPolicy !== undefined && backups === undefined) {
    context.addIssue({
      code: "custom",
      path: ["backups"],
      message: "all of `backupPolicy,backups` must be specified",
    });
  }
});
type Inputs = z.infer<typeof inputs>;

const backupHours = [0, 4, 8, 12, 16, 20];

export const dropletType = "digitalocean:index/droplet:Droplet";

export const droplet: Kind = {
  type: dropletType,
  inputs,
  // The rest changes in place: a new size with a reboot, a name, backups, tags.
  immutable: [
    ...["image", "region", "userData", "sshKeys", "vpcUuid", "monitoring", "dropletAgent"],
    "gpuPartitionMode",
  ],
  sensitive: ["userData"],
  autoName: "name",
  references: [
    { input: "vpcUuid", type: vpcType },
    // The embedded cloud has no volumes, so whoever names one is refused.
    { input: "volumeIds[]", type: "digitalocean:index/volume:Volume" },
  ],
  idStyle: "number",
  recorded: ({ backups, monitoring }) => {
    const parts = [
      ...(backups === true ? ["backups"] : []),
      ...(monitoring === true ? ["the metrics agent"] : []),
    ];
    return parts.length > 0
      ? `the server runs; nothing runs for ${parts.join(" and ")}`
      : undefined;
  },
  refuse: (operation) => {
    if (operation.before)
      refuseChange(operation.inputs as Inputs, operation.before.inputs, operation.before.outputs);
    else refuseNew(operation);
  },
  create: async ({ cloud, id, inputs: given, before }) => {
    const { name, userData = "", vpcUuid, publicNetworking, ipv6 } = given as Inputs;
    const { world } = cloud;
    const outputs = {
      // Tried again, it keeps its addresses.
      ...(publicNetworking !== false && {
        ipv4Address: before?.outputs["ipv4Address"] ?? nextPublicAddress(world),
      }),
      ...(vpcUuid !== undefined && {
        ipv4AddressPrivate:
          before?.outputs["ipv4AddressPrivate"] ?? nextPrivateAddress(world, vpcUuid),
      }),
      // For examples (RFC 3849), so never routed.
      ...(ipv6 === true && { ipv6Address: `2001:db8::${Number(id).toString(16).slice(-4)}` }),
      dropletUrn: `do:droplet:${id}`,
      createdAt: now(),
      status: "active",
      locked: false,
      privateNetworking: vpcUuid !== undefined,
      publicNetworking: publicNetworking !== false,
      ...machineOf(given),
    };
    await cloud.services.hosts.ensure(id, { name: name ?? id, userData });
    return { outputs };
  },
  update: ({ inputs: given, before }) => ({
    outputs: {
      ...machineOf(given),
      // A disk that is not resized stays as large as it was.
      ...((given["resizeDisk"] === false || given["size"] === before.inputs["size"]) && {
        disk: before.outputs["disk"],
      }),
    },
  }),
  delete: async ({ cloud, id }) => {
    await cloud.services.hosts.remove(id);
  },
};

function refuseNew({ cloud: { world }, inputs: given }: Operation): void {
  const { name = "", region, size, image, userData = "", sshKeys = [], vpcUuid } = given as Inputs;
  requireBackups(given as Inputs);
  if (!/^[a-zA-Z0-9.-]+$/.test(name)) {
    throw new CloudError(
      422,
      "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)",
    );
  }
  if (region !== undefined) {
    requireRegion(region, "You specified an invalid region for Droplet creation");
  }
  requireSize(size, "creation");
  if (!images.includes(image)) {
    throw new CloudError(
      422,
      `You specified an invalid image for Droplet creation. (the embedded cloud has ${images.join(", ")}; got "${image}")`,
    );
  }
  const bytes = Buffer.byteLength(userData);
  if (bytes > userDataMaxBytes) {
    throw new CloudError(422, `user_data is limited to ${userDataMaxBytes} bytes, got ${bytes}`);
  }
  const keys = world.all(sshKeyType);
  const unknown = sshKeys.filter(
    (key) => !keys.some(({ id, outputs }) => id === key || outputs["fingerprint"] === key),
  );
  if (unknown.length > 0) {
    throw new CloudError(
      422,
      `${unknown.join(", ")} are invalid key identifiers for Droplet creation.`,
    );
  }
  const network = vpcUuid === undefined ? undefined : world.get(vpcType, vpcUuid);
  if (network && region !== undefined && network.inputs["region"] !== region) {
    throw new CloudError(
      422,
      `VPC ${String(vpcUuid)} is in ${String(network.inputs["region"])}, the Droplet in ${region}: they must be in the same region`,
    );
  }
}

function refuseChange(given: Inputs, before: Values, outputs: Values): void {
  requireBackups(given);
  if (before["ipv6"] === true && given.ipv6 !== true) {
    // The provider replaces the droplet for it; the embedded cloud knows no such half-immutable input.
    throw new CloudError(422, "IPv6 cannot be switched off: make a new Droplet");
  }
  if (given.size === before["size"]) return;
  requireSize(given.size, "resize");
  const disk = findDropletSize(given.size)?.diskGib ?? undefined;
  const has = outputs["disk"];
  if (disk !== undefined && typeof has === "number" && disk < has) {
    throw new CloudError(
      422,
      `This size is not available because it has a smaller disk. (${disk} GiB; the Droplet has ${has})`,
    );
  }
}

function requireBackups({ backups, backupPolicy }: Inputs): void {
  if (backupPolicy === undefined) return;
  if (backups !== true) {
    throw new ProviderError("backup_policy can only be set when backups are enabled");
  }
  const { hour } = backupPolicy;
  if (hour !== undefined && !backupHours.includes(hour)) {
    throw new CloudError(
      422,
      `backup_policy.hour must be one of ${backupHours.join(", ")}, got ${hour}`,
    );
  }
}

function requireSize(size: string, what: "creation" | "resize"): void {
  if (dropletSlugs.has(size)) return;
  throw new CloudError(
    422,
    `You specified an invalid size for Droplet ${what}. (got "${size}"; such as s-2vcpu-4gb)`,
  );
}

/** What the price book knows of the size. */
function machineOf({ size }: Values): Values {
  const spec = findDropletSize(String(size));
  if (!spec) return {};
  return {
    vcpus: spec.vcpus,
    memory: spec.memoryGib * 1_024,
    ...(spec.diskGib !== null && { disk: spec.diskGib }),
    priceMonthly: spec.usdMonthly,
    // Billed by the hour, at most 672 of them a month.
    priceHourly: Math.round((spec.usdMonthly / 672) * 100_000) / 100_000,
  };
}
