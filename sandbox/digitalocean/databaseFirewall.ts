import { z } from "zod";
import { CloudError, type Kind } from "../cloud/kind";
import { databaseClusterType } from "./databaseCluster";
import { replica } from "./databaseReplica";
import { dropletType } from "./droplet";
import { filled, isNetwork } from "./shapes";

const inputs = z.object({
  clusterId: filled,
  rules: z.array(
    z.strictObject({
      type: z.enum(["ip_addr", "droplet", "k8s", "tag", "app"]),
      value: filled,
      uuid: z.string().optional(),
      createdAt: z.string().optional(),
    }),
  ),
});

/** Text of the API's specification (facts, 2026-08-07). */
const mostRules = 100;

/** Who may connect to a cluster. Each change replaces the whole list. */
export const databaseFirewall: Kind = {
  type: "digitalocean:index/databaseFirewall:DatabaseFirewall",
  inputs,
  immutable: ["clusterId"],
  references: [
    // A replica has rules of its own, under its own id.
    { ...{ input: "clusterId", type: databaseClusterType, onDelete: "cascade" }, or: replica },
    // What a Kubernetes cluster, a tag or an app is the embedded cloud does not know.
    {
      input: "rules[].value",
      type: dropletType,
      onDelete: "release",
      when: ({ type }) => type === "droplet",
    },
  ],
  idStyle: ({ clusterId }, cloud) => `${String(clusterId)}-${cloud.newId("hex").slice(0, 12)}`,
  recorded:
    "a database here listens on the loopback device, which every process of this machine reaches",
  refuse: ({ inputs: given }) => {
    const { rules } = given as z.infer<typeof inputs>;
    if (rules.length > mostRules) {
      throw new CloudError(422, `at most ${mostRules} rules, got ${rules.length}`);
    }
    const wrong = rules.find(({ type, value }) => type === "ip_addr" && !isNetwork(value, "ipv4"));
    if (wrong) {
      throw new CloudError(
        422,
        `invalid rule value "${wrong.value}": it takes an IPv4 address or a range such as 203.0.113.0/24`,
      );
    }
  },
};
