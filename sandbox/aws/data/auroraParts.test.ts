import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import type { AwsTestCloud, RefusedCase } from "../testing/testCloud";
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

describe("an instance", () => {
  beforeEach(async () => {
    await cloud.create("rds/cluster:Cluster", "postgres-cluster", await clusterInputs(place));
  });
  const addInstance = (number: number, change: Values = {}) =>
    cloud.create("ClusterInstance", `postgres-${number}`, { ...instanceInputs(number), ...change });

  const refused: readonly RefusedCase[] = [
    {
      rule: "class of RDS",
      change: { instanceClass: "db.m7g.large" },
      message: "Aurora does not offer",
    },
    {
      ...{ rule: "serverless", change: { instanceClass: "db.serverless" } },
      message: "Set the Serverless v2 scaling configuration",
    },
    {
      ...{ rule: "zone", change: { availabilityZone: "eu-central-1d" } },
      message: "has no subnet in eu-central-1d",
    },
    {
      ...{ rule: "authority", change: { caCertIdentifier: "rds-ca-2019" } },
      message: "Certificate not found: rds-ca-2019",
    },
    { rule: "tier", change: { promotionTier: 16 }, message: "valid are 0 to 15" },
    { rule: "engine", change: { engine: "aurora-mysql" }, message: "does not match the engine" },
    { rule: "cluster", change: { clusterIdentifier: "none" }, message: 'no Cluster "none"' },
    {
      ...{ rule: "subnet group", change: { dbSubnetGroupName: "default" } },
      message: 'no SubnetGroup "default"',
    },
    { rule: "monitoring", change: { monitoringInterval: 60 }, message: "MonitoringRoleARN" },
  ];
  it.each(refused)("is refused: $rule", async ({ change, message }) => {
    await expect(addInstance(1, change)).rejects.toThrow(message);
  });

  it("is one of sixteen at most, each by a name of its own", async () => {
    for (let number = 1; number <= 16; number += 1) await addInstance(number);
    await expect(addInstance(17)).rejects.toThrow("at most 15 Aurora Replicas");
    await expect(addInstance(16)).rejects.toThrow("DB instance already exists");
  });

  it("follows the load where the cluster says between what", async () => {
    const [cluster] = cloud.world.all("aws:rds/cluster:Cluster");
    await cloud.update(cluster!, {
      serverlessv2ScalingConfiguration: { minCapacity: 0.5, maxCapacity: 8 },
      dbClusterParameterGroupName: "default.aurora-postgresql17",
    });
    await addInstance(1, { instanceClass: "db.serverless" });
    const [, , server] = cloud.calls.at(-1) ?? [];
    expect(server).toMatchObject({ connectionLimit: 1_802 });
  });
});

describe("a parameter group", () => {
  const group = (parameters: readonly Values[], more: Values = {}) =>
    cloud.create("ClusterParameterGroup", "group", {
      ...{ family: "aurora-postgresql17", parameters, ...more },
    });

  it.each([
    ["max_connections", "400", undefined, "cannot use immediate apply method for static parameter"],
    ["max_connections", "5", "pending-reboot", "allowed values are: 6-262143"],
    ["rds.force_ssl", "on", undefined, "allowed values are: 0,1"],
    ["work_mem", "8MB", undefined, "Invalid parameter value: 8MB for: work_mem"],
    ["max_conections", "400", undefined, "Could not find parameter with name: max_conections"],
    ["password_encryption", "plain", undefined, "md5,scram-sha-256"],
  ])("refuses %s = %s (%s)", async (name, value, applyMethod, message) => {
    await expect(group([{ name, value, ...(applyMethod && { applyMethod }) }])).rejects.toThrow(
      message,
    );
  });

  it("refuses a family of another engine, and a parameter twice", async () => {
    await expect(group([], { family: "postgres17" })).rejects.toThrow("aurora-postgresql17");
    const twice = { name: "work_mem", value: "8192" };
    await expect(group([twice, twice])).rejects.toThrow("work_mem is in the list more than once");
  });

  it("of an instance has nothing that is the cluster's alone", async () => {
    const parameters = [{ name: "rds.force_ssl", value: "1" }];
    await expect(
      cloud.create("rds/parameterGroup:ParameterGroup", "group", {
        ...{ family: "aurora-postgresql17", parameters },
      }),
    ).rejects.toThrow("Could not find parameter");
  });

  it("is refused in a preview where its method is none", () => {
    const parameters = [{ name: "work_mem", value: "1", applyMethod: "later" }];
    expect(
      cloud.preview("ClusterParameterGroup", { family: "aurora-postgresql17", parameters }),
    ).toEqual([expect.stringContaining("parameters[0].applyMethod: expected immediate")]);
  });
});

describe("a subnet group", () => {
  it("reaches two zones or more of one network", async () => {
    const [first] = place.subnetIds;
    await expect(
      cloud.create("rds/subnetGroup:SubnetGroup", "one", { subnetIds: [first] }),
    ).rejects.toThrow("Current AZ coverage: eu-central-1a");
    const other = await cloud.create("Vpc", "other", { cidrBlock: "10.140.0.0/16" });
    const subnet = await cloud.create("Subnet", "other", {
      ...{ vpcId: other.id, cidrBlock: "10.140.0.0/24", availabilityZone: "eu-central-1b" },
    });
    await expect(
      cloud.create("rds/subnetGroup:SubnetGroup", "two", { subnetIds: [first, subnet.id] }),
    ).rejects.toThrow("not all in the same VPC");
  });
});
