import { z } from "zod";
import { rdsProxy } from "../../../prices/aws";
import { regional } from "../awsKind";
import { securityGroupType, subnetType } from "../network/words";
import { AwsError } from "../refusal";
import { arn, arnOf, filled, flag, regionOf, texts } from "../shapes";
import { identifier } from "./auroraCluster";
import { zonesOfSubnets } from "./subnetGroups";
import { invalidCombination, invalidValue, proxyType, rds, roleType, secretType } from "./words";

const inputs = z.object({
  name: identifier.optional(),
  engineFamily: z.enum(["MYSQL", "POSTGRESQL", "SQLSERVER"]),
  auths: z
    .array(
      z.strictObject({
        authScheme: z.enum(["SECRETS"]).optional(),
        clientPasswordAuthType: z
          .enum([
            ...(["MYSQL_NATIVE_PASSWORD", "MYSQL_CACHING_SHA2_PASSWORD"] as const),
            ...(["POSTGRES_SCRAM_SHA_256", "POSTGRES_MD5"] as const),
            "SQL_SERVER_AUTHENTICATION",
          ])
          .optional(),
        iamAuth: z.enum(["DISABLED", "REQUIRED", "ENABLED"]).optional(),
        ...{ description: z.string().optional(), username: filled.optional() },
        secretArn: arn("secretsmanager").optional(),
      }),
    )
    .optional(),
  defaultAuthScheme: z.enum(["NONE", "IAM_AUTH"]).optional(),
  ...{ debugLogging: flag, requireTls: flag },
  idleClientTimeout: z.int().optional(),
  roleArn: arn("iam"),
  vpcSecurityGroupIds: texts.optional(),
  vpcSubnetIds: texts.min(1),
  endpointNetworkType: z.enum(["IPV4", "IPV6", "DUAL"]).optional(),
  targetConnectionNetworkType: z.enum(["IPV4", "IPV6"]).optional(),
});

/** Seconds: eight hours at most (RDS API, CreateDBProxy). */
const idleSeconds = { low: 1, high: 28_800, usual: 1_800 };

export const proxy = regional({
  type: proxyType,
  api: rds("RDS DB Proxy", "CreateDBProxy", {
    ...{ taken: "DBProxyAlreadyExistsFault", missing: "InvalidSubnet" },
    quota: "DBProxyQuotaExceededFault",
  }),
  inputs,
  immutable: [
    ...["engineFamily", "vpcSubnetIds", "endpointNetworkType", "targetConnectionNetworkType"],
    // It can be renamed; here others find it by its name.
    "name",
  ],
  autoName: "name",
  unique: [["name"]],
  conflict: ({ name }) => `DB Proxy ${String(name)} already exists`,
  quota: { most: rdsProxy.proxiesPerRegion, dated: rdsProxy.limitsDated },
  references: [
    { input: "roleArn", type: roleType, property: "arn" },
    { input: "vpcSubnetIds[]", type: subnetType },
    { input: "vpcSecurityGroupIds[]", type: securityGroupType },
    { input: "auths[].secretArn", type: secretType, property: "arn", onDelete: "release" },
  ],
  idStyle: (given) => String(given["name"]),
  recorded:
    "its endpoint is the database's own: connections are not shared, its secrets and limits are on paper",
  refuse: ({ cloud: { world }, inputs: given }) => {
    const {
      engineFamily,
      auths = [],
      idleClientTimeout,
      ...rest
    } = given as z.infer<typeof inputs>;
    if (engineFamily !== "POSTGRESQL") {
      throw invalidValue(`EngineFamily ${engineFamily}: the embedded cloud has POSTGRESQL alone`);
    }
    if (auths.length === 0 && rest.defaultAuthScheme !== "IAM_AUTH") {
      throw invalidCombination("Specify Auth, or a DefaultAuthScheme of IAM_AUTH");
    }
    for (const { secretArn, iamAuth, clientPasswordAuthType } of auths) {
      if (secretArn === undefined) throw invalidValue("Auth: SecretArn must be given");
      if (clientPasswordAuthType?.startsWith("POSTGRES") === false) {
        throw invalidCombination(
          `ClientPasswordAuthType ${clientPasswordAuthType} is not valid for POSTGRESQL`,
        );
      }
      if (iamAuth === "REQUIRED" && rest.requireTls !== true) {
        throw invalidCombination("RequireTLS must be true when IAMAuth is REQUIRED");
      }
    }
    const { low, high } = idleSeconds;
    if (idleClientTimeout !== undefined && (idleClientTimeout < low || idleClientTimeout > high)) {
      throw invalidValue(`IdleClientTimeout ${idleClientTimeout}: valid are ${low} to ${high}`);
    }
    const zones = zonesOfSubnets(world, given, "vpcSubnetIds");
    if (zones.length < 2) {
      throw new AwsError(
        "InvalidSubnet",
        `A proxy takes subnets in two Availability Zones or more, got ${zones.join(", ")}`,
      );
    }
  },
  create: ({ cloud, inputs: given, before }) => ({
    outputs: {
      endpoint: "localhost",
      arn:
        before?.outputs["arn"] ??
        arnOf("rds", regionOf(given), `db-proxy:prx-${cloud.newId("hex").slice(-17)}`),
      idleClientTimeout: given["idleClientTimeout"] ?? idleSeconds.usual,
      ...{ endpointNetworkType: "IPV4", targetConnectionNetworkType: "IPV4" },
    },
  }),
});
