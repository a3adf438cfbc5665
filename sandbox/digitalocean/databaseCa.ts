import { CloudError, type Lookup } from "../cloud/kind";
import { databaseClusterType } from "./databaseCluster";

/** The authority that signed a cluster's certificate, as clients want it to verify the server. */
export const getDatabaseCa: Lookup = {
  token: "digitalocean:index/getDatabaseCa:getDatabaseCa",
  answer: ({ clusterId }, { world }) => {
    const id = String(clusterId);
    const cluster = world.get(databaseClusterType, id);
    const certificate = cluster?.hidden["caCertificate"];
    if (typeof certificate !== "string") {
      const why =
        cluster?.inputs["engine"] === "advanced_pg"
          ? "an Advanced cluster has no authority of its own: a public one signs its certificate"
          : "cluster not found";
      throw new CloudError(
        404,
        "Error retrieving database CA: GET " +
          `https://api.digitalocean.com/v2/databases/${id}/ca: 404 ${why}`,
      );
    }
    return { id, clusterId: id, certificate };
  },
};
