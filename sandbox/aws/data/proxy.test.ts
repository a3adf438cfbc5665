import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import type { AwsTestCloud } from "../testing/testCloud";
import { newRole } from "../testing/network";
import { clusterInputs, instanceInputs, newPlace, type Place } from "./testing/place";

let place: Place;
let cloud: AwsTestCloud;
beforeEach(async () => {
  place = await newPlace();
  ({ cloud } = place);
});
afterEach(() => {
  cloud.close();
});

describe("a proxy", () => {
  const proxyInputs = async (): Promise<Values> => {
    const secret = await cloud.create("Secret", "login", {});
    return {
      ...{ name: "drops-large", engineFamily: "POSTGRESQL", requireTls: true },
      roleArn: (await newRole(cloud, "rds.amazonaws.com")).outputs["arn"],
      ...{ vpcSubnetIds: place.subnetIds, vpcSecurityGroupIds: [place.securityGroupId] },
      auths: [
        {
          ...{ authScheme: "SECRETS", iamAuth: "DISABLED", secretArn: secret.outputs["arn"] },
          clientPasswordAuthType: "POSTGRES_SCRAM_SHA_256",
        },
      ],
    };
  };

  it("leads to the cluster's own endpoint", async () => {
    await cloud.create("rds/cluster:Cluster", "postgres-cluster", await clusterInputs(place));
    await cloud.create("ClusterInstance", "postgres-1", instanceInputs(1));
    const proxy = await cloud.create("Proxy", "proxy", await proxyInputs());
    expect(proxy.outputs).toMatchObject({ endpoint: "localhost" });
    const group = await cloud.create("ProxyDefaultTargetGroup", "targets", {
      ...{ dbProxyName: "drops-large", connectionPoolConfig: { maxConnectionsPercent: 80 } },
    });
    expect(group.outputs).toMatchObject({
      name: "default",
      connectionPoolConfig: {
        ...{ maxConnectionsPercent: 80, maxIdleConnectionsPercent: 40 },
        connectionBorrowTimeout: 120,
      },
    });
    const target = await cloud.create("ProxyTarget", "target", {
      ...{ dbProxyName: "drops-large", targetGroupName: "default" },
      dbClusterIdentifier: "drops-large",
    });
    expect(target.id).toBe("drops-large/default/TRACKED_CLUSTER/drops-large");
    expect(target.outputs).toMatchObject({ endpoint: "localhost", port: 25_060 });
  });

  it("is refused what AWS refuses", async () => {
    const good = await proxyInputs();
    const [auth] = good["auths"] as Values[];
    const tries: readonly (readonly [Values, string])[] = [
      [{ engineFamily: "MYSQL" }, "POSTGRESQL alone"],
      [{ auths: [] }, "Specify Auth"],
      [{ auths: [{ ...auth, secretArn: undefined }] }, "SecretArn must be given"],
      [{ auths: [{ ...auth, iamAuth: "REQUIRED" }], requireTls: false }, "RequireTLS must be true"],
      [{ vpcSubnetIds: place.subnetIds.slice(0, 1) }, "two Availability Zones"],
      [{ idleClientTimeout: 30_000 }, "valid are 1 to 28800"],
      [{ roleArn: "arn:aws:iam::123456789012:role/none" }, "there is no Role"],
    ];
    for (const [change, message] of tries) {
      await expect(cloud.create("Proxy", "proxy", { ...good, ...change })).rejects.toThrow(message);
    }
    await cloud.create("Proxy", "proxy", good);
    await expect(
      cloud.create("ProxyDefaultTargetGroup", "targets", {
        ...{ dbProxyName: "drops-large", connectionPoolConfig: { connectionBorrowTimeout: 301 } },
      }),
    ).rejects.toThrow("valid are 0 to 300");
    await expect(
      cloud.create("ProxyTarget", "target", {
        ...{ dbProxyName: "drops-large", targetGroupName: "mine", dbClusterIdentifier: "a" },
      }),
    ).rejects.toThrow();
  });
});
