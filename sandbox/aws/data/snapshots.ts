import type { Cloud } from "../../cloud/kind";
import type { CloudResource } from "../../contracts";
import { AwsError } from "../refusal";
import { arnOf, now, regionOf } from "../shapes";
import { cacheSnapshotType, clusterSnapshotType } from "./words";

const kinds = {
  aurora: {
    ...{ type: clusterSnapshotType, service: "rds", arn: "cluster-snapshot" },
    code: "DBClusterSnapshotAlreadyExistsFault",
    taken: (name: string) =>
      `Cannot create the cluster snapshot because one with the identifier ${name} already exists.`,
  },
  cache: {
    ...{ type: cacheSnapshotType, service: "elasticache", arn: "snapshot" },
    code: "SnapshotAlreadyExistsFault",
    taken: (name: string) => `The snapshot name ${name} is already in use.`,
  },
} as const;

/**
 * Notes the last snapshot of what is about to go: it outlives it, so that its name is taken from then
 * on. Data is not kept in it.
 *
 * @throws AwsError where the name is taken.
 */
export function leaveSnapshot(
  cloud: Cloud,
  kind: keyof typeof kinds,
  of: CloudResource,
  name: string,
): void {
  const { type, service, arn, code, taken } = kinds[kind];
  const id = name.toLowerCase();
  if (cloud.world.get(type, id)) throw new AwsError(code, taken(name));
  cloud.keep({
    ...{ type, id, inputs: { source: of.id, region: of.inputs["region"] } },
    outputs: { arn: arnOf(service, regionOf(of.inputs), `${arn}:${id}`), createdAt: now() },
  });
}
