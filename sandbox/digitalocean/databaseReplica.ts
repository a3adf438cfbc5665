import { z } from "zod";
import { standardPlanChange } from "../../prices/digitalocean";
import { CloudError, type Kind, type Operation } from "../cloud/kind";
import { databaseMemoryGib, databaseSlugs } from "./catalogue";
import { accessOf, databaseClusterType, uriOf, type ClusterInputs } from "./databaseCluster";
import type { Clock } from "./databaseClusterRules";
import { filled, requireRegion, tags } from "./shapes";
import { vpcType } from "./vpc";

const inputs = z.object({
  name: filled.optional(),
  clusterId: filled,
  region: filled.optional(),
  size: filled.optional(),
  privateNetworkUuid: filled.optional(),
  storageSizeMib: z.string().regex(/^\d+$/, "expected a whole number of MiB, as text").optional(),
  tags,
});
type Inputs = z.infer<typeof inputs>;

const databaseReplicaType = "digitalocean:index/databaseReplica:DatabaseReplica";

/** How others name a replica: by its own id, which is not the provider's. */
export const replica = { type: databaseReplicaType, property: "uuid" } as const;

/** @param now What decides whether a replica can still be had. */
export function databaseReplicaKind(now: Clock): Kind {
  return {
    type: databaseReplicaType,
    inputs,
    // The size grows in place.
    immutable: ["name", "clusterId", "region", "privateNetworkUuid", "tags"],
    autoName: "name",
    unique: [["clusterId", "name"]],
    conflict: () => "replica name is not available",
    references: [
      { input: "clusterId", type: databaseClusterType, onDelete: "cascade" },
      { input: "privateNetworkUuid", type: vpcType },
    ],
    idStyle: ({ clusterId, name }) => `${String(clusterId)}/replicas/${String(name)}`,
    recorded: "its endpoint is the primary's: what is read there is never late",
    refuse: (operation) => {
      refuse(operation, now());
    },
    create: ({ cloud, inputs: given, before }) => {
      const { clusterId, storageSizeMib } = given as Inputs;
      const primary = cloud.world.get(databaseClusterType, clusterId)?.outputs ?? {};
      const access = {
        ...{ host: String(primary["host"]), port: Number(primary["port"]) },
        ...{ user: String(primary["user"]), password: String(primary["password"]) },
      };
      const database = String(primary["database"]);
      const uri = uriOf("postgresql", access, `/${database}?sslmode=require`);
      return {
        outputs: {
          ...{ ...accessOf(access, uri), database },
          uuid: before?.outputs["uuid"] ?? cloud.newId("uuid"),
          storageSizeMib: storageSizeMib ?? primary["storageSizeMib"] ?? "0",
        },
      };
    },
  };
}

function refuse({ cloud: { world }, inputs: given, before }: Operation, today: Date): void {
  const { clusterId, name = "", region, size, privateNetworkUuid } = given as Inputs;
  const primary = world.get(databaseClusterType, clusterId);
  if (!primary) throw new CloudError(404, "cluster not found");
  const { engine, size: primarySize } = primary.inputs as ClusterInputs;
  if (engine === "valkey") {
    throw new CloudError(
      422,
      "read-only nodes are not supported for this cluster: its engine is valkey",
    );
  }
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
    throw new CloudError(
      422,
      `invalid replica name "${name}": lower-case letters, digits and hyphens between them`,
    );
  }
  if (!before?.ready) requireOnSale(engine, textOr(primary.hidden["createdOn"], ""), today);
  const wanted = size ?? primarySize;
  requireSize(engine, wanted, primarySize);
  if (before?.ready) requireSize(engine, wanted, textOr(before.inputs["size"], primarySize));
  const place = region ?? String(primary.inputs["region"]);
  requireRegion(place);
  const there = privateNetworkUuid && world.get(vpcType, privateNetworkUuid)?.inputs["region"];
  if (typeof there === "string" && there !== place) {
    throw new CloudError(
      422,
      `VPC ${privateNetworkUuid ?? ""} is in ${there}, the replica in ${place}: they must be in the same region`,
    );
  }
}

const textOr = (value: unknown, other: string): string =>
  typeof value === "string" ? value : other;

/** A Standard cluster from after the plan change has none; those from before keep what they may. */
function requireOnSale(engine: string, createdOn: string, today: Date): void {
  const isNew = createdOn >= standardPlanChange.date;
  if (engine !== "pg" || !isNew || today.toISOString().slice(0, 10) < standardPlanChange.date)
    return;
  throw new CloudError(422, `a read-only node cannot be had: ${standardPlanChange.reason}`);
}

function requireSize(engine: string, size: string, least: string): void {
  const known = engine === "advanced_pg" ? databaseSlugs.advanced_pg : databaseSlugs.pg;
  if (!known.has(size)) throw new CloudError(422, `invalid size "${size}" for ${engine}`);
  const [has, wants] = [databaseMemoryGib(least) ?? 0, databaseMemoryGib(size) ?? 0];
  if (wants >= has) return;
  throw new CloudError(
    422,
    `a replica has at least the size of its primary and never shrinks: ${size} has ${wants} GiB of memory, ${least} has ${has}`,
  );
}
