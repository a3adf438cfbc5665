import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import { AwsTestCloud, type RefusedCase } from "../testing/testCloud";
import { clusterInputs, instanceInputs, newPlace, password, type Place } from "./testing/place";

let place: Place;
let cloud: AwsTestCloud;
let inputs: Values;
beforeEach(async () => {
  place = await newPlace();
  ({ cloud } = place);
  inputs = await clusterInputs(place);
});
afterEach(() => {
  cloud.close();
});

const make = (change: Values = {}) =>
  cloud.create("rds/cluster:Cluster", "postgres-cluster", { ...inputs, ...change });
const addInstance = (number: number, change: Values = {}) =>
  cloud.create("ClusterInstance", `postgres-${number}`, { ...instanceInputs(number), ...change });
/** What the service of servers was last asked for. */
const lastServer = (): Values => {
  const call = cloud.calls.filter(([name]) => name === "postgres.ensure").at(-1);
  return call?.[2] as Values;
};

describe("an Aurora cluster", () => {
  it("has a server with its names, and none that listens before there is an instance", async () => {
    const cluster = await make();
    expect(cloud.calls.at(-1)).toEqual([
      ...["postgres.ensure", "drops-large"],
      {
        ...{ major: 17, connectionLimit: 400 },
        aurora: {
          master: { user: "drops_admin", password },
          ...{ database: "drops", hasInstance: false, tlsOnly: true },
          settings: { "pg_stat_statements.track": "all", wal_level: "logical" },
        },
      },
    ]);
    expect(cluster.outputs).toMatchObject({
      ...{ endpoint: "localhost", readerEndpoint: "localhost", port: 25_060 },
      arn: "arn:aws:rds:eu-central-1:123456789012:cluster:drops-large",
      ...{ engineVersionActual: "17.9", backupRetentionPeriod: 14 },
      availabilityZones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
    });
    const instance = await addInstance(1);
    expect(lastServer()).toMatchObject({ aurora: { hasInstance: true } });
    expect(instance.outputs).toMatchObject({ writer: true, port: 25_060, endpoint: "localhost" });
    expect((await addInstance(2)).outputs).toMatchObject({ writer: false });
  });

  it("has the default of its writer's class where no parameter says how many connections", async () => {
    await make({ dbClusterParameterGroupName: "default.aurora-postgresql17" });
    await addInstance(1);
    expect(lastServer()).toMatchObject({
      connectionLimit: 1_802,
      aurora: { tlsOnly: true, settings: { wal_level: "replica" } },
    });
    const group = await cloud.create("rds/parameterGroup:ParameterGroup", "instances", {
      family: "aurora-postgresql17",
      parameters: [
        {
          ...{ name: "max_connections", applyMethod: "pending-reboot" },
          value: "LEAST({DBInstanceClassMemory/100000000},5000)",
        },
      ],
    });
    await addInstance(2, { dbParameterGroupName: group.inputs["name"] });
    expect(lastServer()).toMatchObject({ connectionLimit: 1_802 });
    await cloud.delete(cloud.world.all("aws:rds/clusterInstance:ClusterInstance")[0]!);
    expect(lastServer()).toMatchObject({ connectionLimit: 171 });
  });

  it("brings in at once what its parameter group gets, and restarts for another class alone", async () => {
    await make();
    const writer = await addInstance(1);
    const [group] = cloud.world.all("aws:rds/clusterParameterGroup:ClusterParameterGroup");
    await cloud.update(group!, {
      parameters: [
        { name: "rds.force_ssl", value: "0" },
        { name: "work_mem", value: "8192" },
      ],
    });
    expect(lastServer()).toMatchObject({
      connectionLimit: 1_802,
      aurora: { tlsOnly: false, settings: { work_mem: "8192", wal_level: "replica" } },
    });
    expect(lastServer()).not.toHaveProperty("aurora.restart");
    const bigger = await cloud.update(writer, { instanceClass: "db.r7g.xlarge" });
    expect(lastServer()).toMatchObject({ connectionLimit: 3_604, aurora: { restart: true } });
    await cloud.update(bigger, { instanceClass: "db.r7g.large", applyImmediately: false });
    expect(lastServer()).not.toHaveProperty("aurora.restart");
  });

  it("has its next reader write where the writer goes, and nobody after the last one", async () => {
    await make();
    const writer = await addInstance(1);
    await addInstance(2, { promotionTier: 3 });
    await addInstance(3);
    await cloud.delete(writer);
    const writers = () =>
      cloud.world
        .all("aws:rds/clusterInstance:ClusterInstance")
        .map(({ id, outputs }) => [id, outputs["writer"]]);
    expect(writers()).toEqual([
      ["drops-large-2", false],
      ["drops-large-3", true],
    ]);
    expect(lastServer()).toMatchObject({ aurora: { hasInstance: true } });
    for (const one of cloud.world.all("aws:rds/clusterInstance:ClusterInstance")) {
      await cloud.delete(one);
    }
    expect(lastServer()).toMatchObject({ aurora: { hasInstance: false } });
  });

  it("takes another password in place, and keeps the old one from messages", async () => {
    const cluster = await make();
    await cloud.update(cluster, { masterPassword: "another-password" });
    expect(lastServer()).toMatchObject({ aurora: { master: { password: "another-password" } } });
    expect(cloud.preview("rds/cluster:Cluster", { ...inputs, masterPassword: 5 })).toEqual([
      "masterPassword: Invalid input: expected string, received number; got [secret]",
    ]);
    expect(cloud.kind("rds/cluster:Cluster").immutable).toEqual(
      expect.arrayContaining(["masterUsername", "databaseName", "storageEncrypted", "region"]),
    );
  });

  it("goes only unprotected, without instances, and leaves a snapshot whose name is taken then", async () => {
    let cluster = await make({ deletionProtection: true });
    const instance = await addInstance(1);
    await expect(cloud.delete(cluster)).rejects.toThrow("it still contains DB instances");
    await cloud.delete(instance);
    await expect(cloud.delete(cluster)).rejects.toThrow("Cannot delete protected Cluster");
    cluster = await cloud.update(cluster, { deletionProtection: false });
    await cloud.delete(cluster);
    expect(cloud.calls.at(-1)).toEqual(["postgres.remove", "drops-large"]);
    const [snapshot] = cloud.world.all("aws:rds/clusterSnapshot:ClusterSnapshot");
    expect(snapshot).toMatchObject({ id: "drops-large-final-1a2b", urn: "", ready: true });
    const again = await make();
    await expect(cloud.delete(again)).rejects.toThrow(
      "one with the identifier drops-large-final-1a2b already exists",
    );
    expect(cloud.world.get(again.type, again.id)?.ready).toBe(true);
    await cloud.delete(await cloud.update(again, { skipFinalSnapshot: true }));
  });

  it("cannot go without the name of its last snapshot", async () => {
    const cluster = await make({ finalSnapshotIdentifier: undefined });
    await expect(cloud.delete(cluster)).rejects.toThrow(
      "final_snapshot_identifier is required when skip_final_snapshot is false",
    );
  });

  it("keeps what it is made of from being deleted", async () => {
    await make();
    for (const type of ["subnetGroup:SubnetGroup", "clusterParameterGroup:ClusterParameterGroup"]) {
      const [used] = cloud.world.all(`aws:rds/${type}`);
      await expect(cloud.delete(used!)).rejects.toThrow("postgres-cluster");
    }
  });

  const refused: readonly RefusedCase[] = [
    { rule: "engine", change: { engine: "aurora-mysql" }, message: "aurora-postgresql alone" },
    { rule: "mode", change: { engineMode: "serverless" }, message: "engine mode serverless" },
    { rule: "unknown minor", change: { engineVersion: "17.99" }, message: "Cannot find version" },
    {
      ...{ rule: "a major that is not here", change: { engineVersion: "18.4" } },
      message: "the embedded cloud has Postgres 17",
    },
    { rule: "reserved user", change: { masterUsername: "admin" }, message: "reserved word" },
    { rule: "user's letters", change: { masterUsername: "9a" }, message: "not a valid identifier" },
    { rule: "no user", change: { masterUsername: undefined }, message: "must be provided" },
    { rule: "short password", change: { masterPassword: "1234567" }, message: "shorter than 8" },
    {
      rule: "password's signs",
      change: { masterPassword: "with/slash" },
      message: "printable ASCII",
    },
    {
      ...{ rule: "a password of AWS's own", message: "rotates no password" },
      change: { manageMasterUserPassword: true, masterPassword: undefined },
    },
    { rule: "database", change: { databaseName: "1st" }, message: "must begin with a letter" },
    { rule: "port", change: { port: 80 }, message: "Invalid database port 80" },
    { rule: "no backups", change: { backupRetentionPeriod: 0 }, message: "between 1 and 35" },
    {
      ...{ rule: "windows that meet", message: "must not overlap" },
      change: { preferredBackupWindow: "03:30-04:30" },
    },
    {
      ...{ rule: "a short window", message: "at least 30 minutes" },
      change: { preferredBackupWindow: "03:30-03:45" },
    },
    {
      ...{ rule: "Advanced without insights", message: "retention period to 465 days" },
      change: { databaseInsightsMode: "advanced" },
    },
    {
      ...{ rule: "monitoring without a role", change: { monitoringInterval: 60 } },
      message: "A MonitoringRoleARN value is required",
    },
    { rule: "interval", change: { monitoringInterval: 7 }, message: "Invalid monitoring interval" },
    {
      ...{ rule: "a family of another version", message: "Use a Parameter Group with" },
      change: { dbClusterParameterGroupName: "default.aurora-postgresql18" },
    },
    {
      ...{ rule: "logs", change: { enabledCloudwatchLogsExports: ["slowquery"] } },
      message: "You cannot use the log types 'slowquery'",
    },
    {
      ...{ rule: "capacity in steps", message: "in steps of 0.5" },
      change: { serverlessv2ScalingConfiguration: { minCapacity: 0.7, maxCapacity: 4 } },
    },
    {
      ...{ rule: "key without encryption", message: "StorageEncrypted" },
      change: {
        storageEncrypted: false,
        kmsKeyId: "arn:aws:kms:eu-central-1:123456789012:alias/aws/rds",
      },
    },
    {
      ...{ rule: "a subnet group that is not there", change: { dbSubnetGroupName: "none" } },
      message: 'there is no SubnetGroup "none"',
    },
    {
      ...{ rule: "another region's zone", change: { availabilityZones: ["us-east-1a"] } },
      message: "unavailable in this region",
    },
    {
      ...{ rule: "a snapshot to start from", change: { snapshotIdentifier: "old" } },
      message: "keeps no data of snapshots",
    },
  ];
  it.each(refused)("is refused: $rule", async ({ change, message }) => {
    await expect(make(change)).rejects.toThrow(message);
    expect(cloud.world.all("aws:rds/cluster:Cluster")).toEqual([]);
  });

  it.each<readonly [string, Values, string]>([
    ["identifier", { clusterIdentifier: "Drops" }, "clusterIdentifier: only lowercase"],
    ["retention", { backupRetentionPeriod: 36 }, "backupRetentionPeriod: Too big"],
    ["window", { preferredBackupWindow: "1-2" }, "must satisfy the format of 'hh24:mi-hh24:mi'"],
    ["storage", { storageType: "gp3" }, "storageType: Invalid option"],
    ["unknown", { performanceInsights: true }, "has no such property"],
  ])("is refused in a preview: %s", (_, change, message) => {
    expect(cloud.preview("rds/cluster:Cluster", { ...inputs, ...change }).join()).toContain(
      message,
    );
  });

  it("is not downgraded, and not given a version that its group is not for", async () => {
    const cluster = await make();
    await expect(cloud.update(cluster, { engineVersion: "17.7" })).rejects.toThrow(
      "Cannot upgrade aurora-postgresql from 17.9 to 17.7",
    );
    expect((await cloud.update(cluster, { engineVersion: "17.10" })).outputs).toMatchObject({
      engineVersionActual: "17.10",
    });
  });

  it("words a refusal as the provider does", async () => {
    const refusal = await make({ backupRetentionPeriod: 0 }).catch((error: unknown) => error);
    expect(
      AwsTestCloud.worded(refusal, {
        ...{ verb: "create", type: "aws:rds/cluster:Cluster", inputs },
      }),
    ).toMatch(
      /\* creating RDS Cluster \(drops-large\): operation error RDS: CreateDBCluster, https response error StatusCode: 400, RequestID: [0-9a-f-]+, api error InvalidParameterValue: Invalid backup retention period: 0\. Must be between 1 and 35/,
    );
  });
});
