import { z } from "zod";
import { rdsProxy } from "../../../prices/aws";
import type { Operation } from "../../cloud/kind";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { arnOf, filled, regionOf } from "../shapes";
import { identifier } from "./auroraCluster";
import {
  clusterInstanceType,
  clusterType,
  invalidCombination,
  invalidValue,
  proxyType,
  rds,
} from "./words";

const ofProxy = { input: "dbProxyName", type: proxyType, onDelete: "cascade" } as const;

const percent = (low: number) => z.int().min(low).max(100).optional();

const groupInputs = z.object({
  dbProxyName: filled,
  connectionPoolConfig: z
    .strictObject({
      connectionBorrowTimeout: z.int().min(0).max(3_600).optional(),
      initQuery: z.string().optional(),
      maxConnectionsPercent: percent(1),
      maxIdleConnectionsPercent: percent(0),
      sessionPinningFilters: z.array(z.enum(["EXCLUDE_VARIABLE_SETS"])).optional(),
    })
    .optional(),
});

const poolDefaults = { maxConnectionsPercent: 100, connectionBorrowTimeout: 120 };

/** Each proxy has it from the start: it is only set. */
export const proxyDefaultTargetGroup = regional({
  type: "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
  tagged: false,
  api: rds("RDS DB Proxy Default Target Group", "ModifyDBProxyTargetGroup", {
    ...{ update: "ModifyDBProxyTargetGroup", missing: "DBProxyNotFoundFault" },
    named: ({ dbProxyName }) => String(dbProxyName),
  }),
  inputs: groupInputs,
  immutable: ["dbProxyName"],
  references: [ofProxy],
  idStyle: ({ dbProxyName }) => String(dbProxyName),
  recorded: "nothing shares connections here: its limits are on paper",
  refuse: ({ inputs: given }) => {
    const { connectionPoolConfig: pool = {} } = given as z.infer<typeof groupInputs>;
    const { low, high } = rdsProxy.borrowTimeoutSeconds;
    const timeout = pool.connectionBorrowTimeout ?? low;
    if (timeout > high) {
      throw invalidValue(`ConnectionBorrowTimeout ${timeout}: valid are ${low} to ${high}`);
    }
    const most = pool.maxConnectionsPercent ?? poolDefaults.maxConnectionsPercent;
    const idle = pool.maxIdleConnectionsPercent ?? Math.floor(most / 2);
    if (idle > most) {
      throw invalidValue(
        `MaxIdleConnectionsPercent ${idle} must not be more than MaxConnectionsPercent ${most}`,
      );
    }
  },
  create: (operation) => ({
    outputs: {
      name: "default",
      arn: arnOf(
        "rds",
        regionOf(operation.inputs),
        `target-group:prx-tg-${operation.cloud.newId("hex").slice(-17)}`,
      ),
      connectionPoolConfig: poolOf(operation),
    },
  }),
  update: (operation) => ({ outputs: { connectionPoolConfig: poolOf(operation) } }),
});

function poolOf({ inputs: given }: Operation) {
  const { connectionPoolConfig: pool = {} } = given as z.infer<typeof groupInputs>;
  const most = pool.maxConnectionsPercent ?? poolDefaults.maxConnectionsPercent;
  return { ...poolDefaults, maxIdleConnectionsPercent: Math.floor(most / 2), ...pool };
}

const targetInputs = z.object({
  dbProxyName: filled,
  targetGroupName: filled,
  dbClusterIdentifier: identifier.optional(),
  dbInstanceIdentifier: identifier.optional(),
});

export const proxyTarget = regional({
  type: "aws:rds/proxyTarget:ProxyTarget",
  tagged: false,
  api: rds("RDS DB Proxy Target", "RegisterDBProxyTargets", {
    ...{ delete: "DeregisterDBProxyTargets", missing: "DBClusterNotFoundFault" },
    ...{ taken: "DBProxyTargetAlreadyRegisteredFault" },
    named: ({ dbProxyName, targetGroupName }) =>
      `${String(dbProxyName)}/${String(targetGroupName)}`,
  }),
  inputs: targetInputs,
  immutable: ["dbProxyName", "targetGroupName", "dbClusterIdentifier", "dbInstanceIdentifier"],
  unique: [["dbProxyName", "targetGroupName"]],
  conflict: ({ dbProxyName }) => `${String(dbProxyName)} has a target already`,
  references: [
    ofProxy,
    { input: "dbClusterIdentifier", type: clusterType },
    { input: "dbInstanceIdentifier", type: clusterInstanceType },
  ],
  idStyle: ({ dbProxyName, targetGroupName, dbClusterIdentifier, dbInstanceIdentifier }) =>
    [
      ...[dbProxyName, targetGroupName].map(String),
      ...(dbClusterIdentifier === undefined ? ["RDS_INSTANCE"] : ["TRACKED_CLUSTER"]),
      String(dbClusterIdentifier ?? dbInstanceIdentifier),
    ].join("/"),
  recorded: "connections do not go through the proxy, so that nothing asks for its target",
  check: ({ dbClusterIdentifier, dbInstanceIdentifier }) =>
    dbClusterIdentifier !== undefined && dbInstanceIdentifier !== undefined
      ? [
          {
            property: "dbClusterIdentifier",
            reason: "only one of `db_cluster_identifier,db_instance_identifier` can be specified",
          },
        ]
      : [],
  refuse: ({ inputs: given }) => {
    const { targetGroupName, dbClusterIdentifier, dbInstanceIdentifier } = given;
    if (targetGroupName !== "default") {
      throw new AwsError(
        "DBProxyTargetGroupNotFoundFault",
        `DB Proxy Target Group ${String(targetGroupName)} doesn't exist: a proxy has "default" alone`,
        404,
      );
    }
    if (dbClusterIdentifier === undefined && dbInstanceIdentifier === undefined) {
      throw invalidCombination(
        "one of DBClusterIdentifiers and DBInstanceIdentifiers must be given",
      );
    }
  },
  create: ({ cloud: { world }, inputs: given }) => {
    const { dbClusterIdentifier, dbInstanceIdentifier } = given as z.infer<typeof targetInputs>;
    const behind =
      dbClusterIdentifier === undefined
        ? world.get(clusterInstanceType, dbInstanceIdentifier ?? "")
        : world.get(clusterType, dbClusterIdentifier);
    const { endpoint, port, arn: targetArn } = behind?.outputs ?? {};
    return {
      outputs: {
        ...{ endpoint, port, targetArn, rdsResourceId: behind?.id },
        type: dbClusterIdentifier === undefined ? "RDS_INSTANCE" : "TRACKED_CLUSTER",
        trackedClusterId: dbClusterIdentifier ?? "",
      },
    };
  },
});
