import { z } from "zod";
import { auroraQuotas, cacheQuotas } from "../../../prices/aws";
import type { Operation, Values } from "../../cloud/kind";
import type { CloudResource, World } from "../../contracts";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { arnOf, regionOf, texts } from "../shapes";
import { subnetType } from "../network/words";
import { cacheSubnetGroupType, elasticache, rds, subnetGroupType } from "./words";

const rdsName = z
  .string()
  .max(255)
  .regex(
    /^[0-9a-z_ .-]+$/,
    "only lowercase alphanumeric characters, hyphens, underscores, periods, and spaces allowed in name",
  );

/** Zones that it takes for a failure of one to be survived. */
const LEAST_ZONES = 2;

/** What groups of RDS and ElastiCache have in common. */
const named = {
  immutable: ["name"],
  autoName: "name",
  defaults: { description: "Managed by Pulumi" },
  unique: [["name", "region"]],
  references: [{ input: "subnetIds[]", type: subnetType }],
};

export const subnetGroup = regional({
  type: subnetGroupType,
  api: rds("RDS DB Subnet Group", "CreateDBSubnetGroup", {
    ...{ taken: "DBSubnetGroupAlreadyExists", missing: "InvalidSubnet" },
  }),
  inputs: z.object({
    name: rdsName.optional(),
    description: z.string().optional(),
    subnetIds: texts.min(1),
  }),
  ...named,
  conflict: ({ name }) => `The DB subnet group ${String(name)} already exists`,
  inUse: (names) =>
    `Cannot delete the subnet group because at least one database (${names.join(", ")}) is still using it.`,
  idStyle: (inputs) => String(inputs["name"]),
  recorded: "its addresses exist on paper alone: databases listen on the loopback device",
  refuse: ({ cloud: { world }, inputs }) => {
    const subnets = subnetsOf(world, inputs);
    requireOneVpc(subnets);
    if (zonesIn(subnets).length < LEAST_ZONES) {
      throw new AwsError(
        "DBSubnetGroupDoesNotCoverEnoughAZs",
        `The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: ${zonesIn(subnets).join(", ")}. Add subnets to cover at least ${LEAST_ZONES} AZs.`,
      );
    }
    requireFew(subnets, auroraQuotas.subnetsPerGroup, "DBSubnetQuotaExceededFault");
  },
  create: (operation) => ({
    outputs: {
      arn: arnOf("rds", regionOf(operation.inputs), `subgrp:${operation.id}`),
      ...{ supportedNetworkTypes: ["IPV4"], vpcId: vpcOf(operation) },
    },
  }),
  update: (operation) => ({ outputs: { vpcId: vpcOf(operation) } }),
});

export const cacheSubnetGroup = regional({
  type: cacheSubnetGroupType,
  api: elasticache("ElastiCache Subnet Group", "CreateCacheSubnetGroup", {
    ...{ taken: "CacheSubnetGroupAlreadyExists", missing: "InvalidSubnet" },
  }),
  inputs: z.object({
    name: z
      .string()
      .max(255)
      .regex(/^[0-9A-Za-z][0-9A-Za-z-]*$/, "letters, digits and hyphens alone")
      .optional(),
    description: z.string().optional(),
    subnetIds: texts.min(1),
  }),
  ...named,
  conflict: ({ name }) => `The cache subnet group ${String(name)} already exists`,
  inUse: (names) =>
    `Cache subnet group is currently in use by a cache cluster (${names.join(", ")}).`,
  idStyle: (inputs) => String(inputs["name"]).toLowerCase(),
  recorded: "its addresses exist on paper alone: caches listen on the loopback device",
  refuse: ({ cloud: { world }, inputs }) => {
    const subnets = subnetsOf(world, inputs);
    requireOneVpc(subnets);
    requireFew(subnets, cacheQuotas.subnetsPerGroup, "CacheSubnetQuotaExceededFault");
  },
  create: (operation) => ({
    outputs: {
      arn: arnOf("elasticache", regionOf(operation.inputs), `subnetgroup:${operation.id}`),
      vpcId: vpcOf(operation),
    },
  }),
  update: (operation) => ({ outputs: { vpcId: vpcOf(operation) } }),
});

function subnetsOf(world: World, inputs: Values, input = "subnetIds"): readonly CloudResource[] {
  const ids = inputs[input];
  return (Array.isArray(ids) ? ids : []).flatMap((id: unknown) => {
    const subnet = world.get(subnetType, String(id));
    return subnet ? [subnet] : [];
  });
}

/** Zones of subnets, each once. */
function zonesIn(subnets: readonly CloudResource[]): readonly string[] {
  const zones = subnets.map(({ inputs, outputs }) =>
    String(outputs["availabilityZone"] ?? inputs["availabilityZone"]),
  );
  return [...new Set(zones)].sort();
}

/** Zones that a group of subnets reaches, by the input that holds their ids. */
export const zonesOfSubnets = (world: World, inputs: Values, input?: string): readonly string[] =>
  zonesIn(subnetsOf(world, inputs, input));

const vpcOf = ({ cloud: { world }, inputs }: Operation): unknown =>
  subnetsOf(world, inputs)[0]?.inputs["vpcId"];

function requireOneVpc(subnets: readonly CloudResource[]): void {
  if (new Set(subnets.map(({ inputs }) => inputs["vpcId"])).size <= 1) return;
  throw new AwsError("InvalidSubnet", "The subnets are not all in the same VPC");
}

function requireFew(subnets: readonly CloudResource[], most: number, code: string): void {
  if (subnets.length <= most) return;
  throw new AwsError(code, `A subnet group has at most ${most} subnets, got ${subnets.length}`);
}
