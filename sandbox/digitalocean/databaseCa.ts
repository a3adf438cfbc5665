import { CloudError, type Lookup } from "../cloud/kind";
import { databaseClusterType } from "./databaseCluster";

/** The authority that signed a cluster's certificate, as clients want it to verify the server. */
export const getDatabaseCa: Lookup = {
  token: "digitalocean:index/getDatabaseCa:getDatabaseCa",
  answer: ({ clusterId }, { world }) => {
    const id = String(clusterId);
    const certificate = world.get(databaseClusterType, id)?.hidden["caCertificate"];
    if (typeof certificate !== "string") {
      throw new CloudError(
        404,
        "Error retrieving database CA: GET " +
          `https://api.digitalocean.com/v2/databases/${id}/ca: 404 cluster not found`,
      );
    }
    return { id, clusterId: id, certificate };
  },
};
