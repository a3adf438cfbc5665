import { describe, expect, it } from "vitest";
import { refusal, waitsFor } from "../network/testing/registered";
import { AuroraPostgres } from "./aurora";
import { rdsAuthority } from "./rdsAuthority";
import { composedAurora } from "./testing/composedAurora";
import { sampleAuroraArgs } from "./testing/sampleAurora";

describe("Aurora", () => {
  it("is a cluster with a writer and a reader, and what they need", async () => {
    const { names } = await composedAurora();
    expect(names).toEqual([
      "cloudwatch:LogGroup postgres-log",
      "random:index/randomId:RandomId postgres-final-snapshot",
      "random:index/randomPassword:RandomPassword postgres-admin-password-value",
      "random:index/randomPassword:RandomPassword postgres-app-password-value",
      "random:index/randomPassword:RandomPassword postgres-owner-password-value",
      "rds:Cluster postgres-cluster",
      "rds:ClusterInstance postgres-1",
      "rds:ClusterInstance postgres-2",
      "rds:ClusterParameterGroup postgres-parameters",
      "rds:SubnetGroup postgres-subnets",
    ]);
  });

  it("has a cluster with exactly these inputs", async () => {
    const { named } = await composedAurora();
    expect(named("postgres-cluster").inputs).toEqual({
      clusterIdentifier: "drops-test",
      engine: "aurora-postgresql",
      engineMode: "provisioned",
      engineVersion: "17.9",
      allowMajorVersionUpgrade: false,
      autoMinorVersionUpgrade: false,
      databaseName: "drops",
      masterUsername: "drops_admin",
      masterPassword: "[secret]",
      iamDatabaseAuthenticationEnabled: false,
      port: 5432,
      networkType: "IPV4",
      dbSubnetGroupName: "postgres-subnets",
      vpcSecurityGroupIds: ["sg-database"],
      dbClusterParameterGroupName: "postgres-parameters",
      storageEncrypted: true,
      storageType: "aurora",
      backupRetentionPeriod: 35,
      preferredBackupWindow: "01:00-02:00",
      preferredMaintenanceWindow: "sun:03:00-sun:04:00",
      applyImmediately: true,
      copyTagsToSnapshot: true,
      deletionProtection: true,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: "drops-test-final-00c0ffee",
      databaseInsightsMode: "standard",
      performanceInsightsEnabled: true,
      performanceInsightsRetentionPeriod: 7,
      enabledCloudwatchLogsExports: ["postgresql"],
    });
  });

  it("guards the cluster as its specification says", async () => {
    for (const protect of [true, false]) {
      const { named, resources } = await composedAurora({ protect });
      expect(named("postgres-cluster").protect).toBe(protect);
      expect(named("postgres-cluster").inputs.deletionProtection).toBe(protect);
      expect(resources.filter((one) => one.protect)).toHaveLength(protect ? 1 : 0);
      expect(resources.some((one) => one.retainOnDelete)).toBe(false);
    }
  });

  it("has instances by number, each in the next zone and an hour later, one after another", async () => {
    const { named } = await composedAurora({ readers: 3 });
    const shared = {
      clusterIdentifier: "postgres-cluster",
      dbSubnetGroupName: "postgres-subnets",
      engine: "aurora-postgresql",
      instanceClass: "db.r7g.large",
      publiclyAccessible: false,
      caCertIdentifier: "rds-ca-rsa2048-g1",
      autoMinorVersionUpgrade: false,
      applyImmediately: true,
      copyTagsToSnapshot: true,
      monitoringInterval: 0,
    };
    expect(named("postgres-1").inputs).toEqual({
      ...shared,
      identifier: "drops-test-1",
      availabilityZone: "us-east-1a",
      promotionTier: 0,
      preferredMaintenanceWindow: "sun:03:00-sun:04:00",
    });
    expect(named("postgres-2").inputs).toEqual({
      ...shared,
      identifier: "drops-test-2",
      availabilityZone: "us-east-1b",
      promotionTier: 1,
      preferredMaintenanceWindow: "sun:04:00-sun:05:00",
    });
    expect(named("postgres-4").inputs).toMatchObject({
      identifier: "drops-test-4",
      availabilityZone: "us-east-1a",
      preferredMaintenanceWindow: "sun:03:00-sun:04:00",
    });
    expect(named("postgres-2").parent).toBe(named("postgres-cluster").parent);
    expect(waitsFor(named("postgres-1"))).toEqual(["postgres-cluster"]);
    expect(waitsFor(named("postgres-3"))).toEqual(["postgres-2", "postgres-cluster"]);
  });

  it("sets the parameters of the whole cluster, each in the way that it takes effect", async () => {
    const { named } = await composedAurora({ maxConnections: 900, slowStatementMs: 250 });
    expect(named("postgres-parameters").inputs).toEqual({
      description: "Settings of drops-test",
      family: "aurora-postgresql17",
      parameters: [
        { name: "rds.logical_replication", value: "1", applyMethod: "pending-reboot" },
        { name: "max_connections", value: "900", applyMethod: "pending-reboot" },
        {
          name: "shared_preload_libraries",
          value: "pg_stat_statements",
          applyMethod: "pending-reboot",
        },
        { name: "pg_stat_statements.track", value: "all", applyMethod: "immediate" },
        { name: "rds.force_ssl", value: "1", applyMethod: "immediate" },
        { name: "password_encryption", value: "scram-sha-256", applyMethod: "immediate" },
        { name: "log_min_duration_statement", value: "250", applyMethod: "immediate" },
        { name: "log_lock_waits", value: "1", applyMethod: "immediate" },
      ],
    });
  });

  it("has its log's group made before RDS makes one that is kept for ever", async () => {
    const { named } = await composedAurora();
    expect(named("postgres-log").inputs).toEqual({
      name: "/aws/rds/cluster/drops-test/postgresql",
      retentionInDays: 30,
    });
    expect(waitsFor(named("postgres-cluster"))).toContain("postgres-log");
  });

  it("gives each role a URL that verifies the server, and keeps them secret", async () => {
    const { outputs } = await composedAurora();
    expect(outputs.urls).toEqual({
      owner:
        "postgresql://drops_owner:postgres-owner-password-value's@writer.example:5432/drops?sslmode=verify-full",
      app: "postgresql://drops_app:postgres-app-password-value's@writer.example:5432/drops?sslmode=verify-full",
      admin:
        "postgresql://drops_admin:postgres-admin-password-value's@writer.example:5432/drops?sslmode=verify-full",
      reader:
        "postgresql://drops_app:postgres-app-password-value's@reader.example:5432/drops?sslmode=verify-full",
    });
    expect(outputs.asTheyAre).toEqual(["[secret]", "[secret]", "[secret]"]);
    expect(outputs.authority).toBe(rdsAuthority("us-east-1"));
    expect(outputs.limit).toBe(1_797);
    expect(outputs.arn).toBe("arn:aws:test:eu-central-1:123456789012:postgres-cluster");
  });

  it("tells the alarms what it knows before a deploy", async () => {
    const { outputs } = await composedAurora({ readers: 2 });
    expect(outputs.facts).toEqual({
      stack: "test",
      instanceIdentifiers: ["drops-test-1", "drops-test-2", "drops-test-3"],
      memoryGib: 16,
      localStorageGib: 32,
      maxConnections: 1_797,
      serverless: false,
    });
    expect(outputs.targets).toEqual(["postgres-writer", "postgres-reader-1", "postgres-reader-2"]);
  });

  it("has no URL of readers where there is none", async () => {
    const { outputs, names } = await composedAurora({ readers: 0 });
    expect(outputs.urls).not.toHaveProperty("reader");
    expect(names.filter((name) => name.startsWith("rds:ClusterInstance"))).toEqual([
      "rds:ClusterInstance postgres-1",
    ]);
  });

  it("refuses what AWS would, before any resource", async () => {
    expect(
      await refusal(() => new AuroraPostgres("postgres", sampleAuroraArgs({ readers: 16 }))),
    ).toBe("postgres: spec.readers must be 0..15, got 16");
  });
});
