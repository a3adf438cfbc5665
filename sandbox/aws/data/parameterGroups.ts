import { z } from "zod";
import { auroraPostgresVersions, auroraQuotas } from "../../../prices/aws";
import type { Values } from "../../cloud/kind";
import { regional, type AwsKind } from "../awsKind";
import { arnOf, filled, regionOf } from "../shapes";
import { reachServers } from "./auroraServer";
import { requireParameters } from "./parameterRules";
import { clusterParameterGroupType, invalidValue, parameterGroupType, rds } from "./words";

/** Of engine versions that Aurora PostgreSQL lists. */
const auroraFamilies: readonly string[] = Object.keys(auroraPostgresVersions).map(
  (major) => `aurora-postgresql${major}`,
);

const name = z
  .string()
  .max(255)
  .regex(
    /^[a-z](-?[0-9a-z.])*$/,
    "only lowercase alphanumeric characters, periods, and single hyphens allowed in parameter group names, a letter first",
  );

const inputs = z.object({
  name: name.optional(),
  family: filled,
  description: filled.optional(),
  parameters: z
    .array(
      z.strictObject({
        name: filled,
        value: z.string(),
        applyMethod: z
          .string()
          .regex(/^(immediate|pending-reboot)$/i, "expected immediate or pending-reboot")
          .optional(),
      }),
    )
    .optional(),
});

function group(kind: {
  readonly type: string;
  readonly noun: string;
  readonly call: string;
  readonly arn: string;
  readonly of: "cluster" | "instance";
}): AwsKind {
  const { type, noun, call, of } = kind;
  return regional({
    type,
    api: rds(noun, call, {
      taken: "DBParameterGroupAlreadyExists",
      quota: "DBParameterGroupQuotaExceeded",
    }),
    inputs,
    immutable: ["name", "family", "description"],
    autoName: "name",
    defaults: { description: "Managed by Pulumi" },
    unique: [["name", "region"]],
    conflict: ({ name: taken }) => `Parameter group ${String(taken)} already exists`,
    quota: {
      most: of === "cluster" ? auroraQuotas.clusterParameterGroups : auroraQuotas.parameterGroups,
      dated: auroraQuotas.dated,
    },
    inUse: (names) =>
      `One or more database instances are still members of this parameter group, so the group cannot be deleted (${names.join(", ")})`,
    idStyle: (given) => String(given["name"]),
    refuse: ({ inputs: given }) => {
      const { family, parameters = [] } = given as z.infer<typeof inputs>;
      if (!auroraFamilies.includes(family)) {
        throw invalidValue(
          `ParameterGroupFamily ${family} is not a valid parameter group family; the embedded cloud has ${auroraFamilies.join(", ")}`,
        );
      }
      requireParameters(parameters, of);
    },
    create: ({ id, inputs: given }) => ({
      outputs: { arn: arnOf("rds", regionOf(given), `${kind.arn}:${id}`), ...told(given) },
    }),
    update: async (operation) => {
      await reachServers(operation.cloud, type, operation.id, operation.inputs);
      return { outputs: told(operation.inputs) };
    },
  });
}

const told = (given: Values): Values => ({ parameters: given["parameters"] ?? [] });

export const clusterParameterGroup = group({
  type: clusterParameterGroupType,
  ...{ noun: "RDS Cluster Parameter Group", call: "CreateDBClusterParameterGroup" },
  ...{ arn: "cluster-pg", of: "cluster" },
});

export const parameterGroup = group({
  type: parameterGroupType,
  ...{ noun: "RDS DB Parameter Group", call: "CreateDBParameterGroup" },
  ...{ arn: "pg", of: "instance" },
});
