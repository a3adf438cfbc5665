import { z } from "zod";
import { CloudError, type Kind } from "../cloud/kind";
import type { World } from "../contracts";
import { nextPublicAddress } from "./addresses";
import { dropletType } from "./droplet";
import { quotas } from "./quotas";
import { filled, numericId, requireRegion } from "./shapes";

const inputs = z.object({
  region: filled,
  dropletId: numericId.optional(),
  ipAddress: z.ipv4().optional(),
});

export const reservedIpType = "digitalocean:index/reservedIp:ReservedIp";

export const reservedIp: Kind = {
  type: reservedIpType,
  inputs,
  immutable: ["region"],
  references: [{ input: "dropletId", type: dropletType, onDelete: "release" }],
  quota: quotas.reservedIps,
  idStyle: (_, { world }) => nextPublicAddress(world),
  refuse: ({ cloud: { world }, inputs: given }) => {
    requireRegion(given["region"]);
    const { dropletId } = given as z.infer<typeof inputs>;
    if (dropletId !== undefined) {
      requireAssignable(world, String(given["region"]), String(dropletId));
    }
  },
  create: ({ id }) => ({ outputs: { ipAddress: id, reservedIpUrn: `do:reservedip:${id}` } }),
};

const assignmentInputs = z.object({ ipAddress: z.ipv4(), dropletId: numericId });

export const reservedIpAssignmentType =
  "digitalocean:index/reservedIpAssignment:ReservedIpAssignment";

/**
 * Which server an address leads to. An address may be assigned while it is assigned already: the
 * newest assignment holds, and deleting an older one leaves it alone.
 */
export const reservedIpAssignment: Kind = {
  type: reservedIpAssignmentType,
  inputs: assignmentInputs,
  immutable: ["ipAddress", "dropletId"],
  references: [
    { input: "ipAddress", type: reservedIpType, onDelete: "cascade" },
    { input: "dropletId", type: dropletType, onDelete: "cascade" },
  ],
  idStyle: ({ dropletId, ipAddress }, cloud) =>
    `${String(dropletId)}-${String(ipAddress)}-${cloud.newId("hex").slice(0, 12)}`,
  refuse: ({ cloud: { world }, inputs: { ipAddress, dropletId } }) => {
    const address = world.get(reservedIpType, String(ipAddress));
    const region = String(address?.inputs["region"]);
    requireAssignable(world, region, String(dropletId), String(ipAddress));
  },
};

function requireAssignable(
  world: World,
  region: string,
  dropletId: string,
  address?: string,
): void {
  const droplet = world.get(dropletType, dropletId);
  if (!droplet?.ready) throw new CloudError(422, `Droplet ${dropletId} is not active`);
  const there = droplet.inputs["region"];
  if (typeof there === "string" && there !== region) {
    throw new CloudError(
      422,
      `The reserved IP is in ${region}, Droplet ${dropletId} in ${there}: they must be in the same region`,
    );
  }
  const other = world
    .all(reservedIpAssignmentType)
    .find(
      ({ inputs: given }) =>
        String(given["dropletId"]) === dropletId && given["ipAddress"] !== address,
    );
  if (other) {
    throw new CloudError(
      422,
      `Droplet ${dropletId} already has a reserved IP: ${String(other.inputs["ipAddress"])}`,
    );
  }
}
