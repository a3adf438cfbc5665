import { describe, expect, it } from "vitest";
import { waitsFor } from "../network/testing/registered";
import { rdsAuthority, rdsProxyAuthorities } from "./rdsAuthority";
import { composedAurora } from "./testing/composedAurora";

const proxy = { proxy: { securityGroupIds: ["sg-proxy"] } };
const scaling = { readers: 2, readerScaling: { max: 6, cpuPercent: 60 } };

describe("Aurora by setting", () => {
  it("follows the load with Serverless v2", async () => {
    const mode = { kind: "serverless", minAcu: 2, maxAcu: 16 } as const;
    const { named, outputs } = await composedAurora({ mode });
    expect(named("postgres-cluster").inputs.serverlessv2ScalingConfiguration).toEqual({
      minCapacity: 2,
      maxCapacity: 16,
    });
    expect(named("postgres-1").inputs.instanceClass).toBe("db.serverless");
    expect(outputs.facts).toMatchObject({ serverless: true, memoryGib: 32 });
  });

  it("has the Advanced Insights with the retention that they take", async () => {
    const { named } = await composedAurora({ insights: "advanced", storageType: "aurora-iopt1" });
    expect(named("postgres-cluster").inputs).toMatchObject({
      databaseInsightsMode: "advanced",
      performanceInsightsRetentionPeriod: 465,
      storageType: "aurora-iopt1",
    });
  });

  it("is encrypted with a key of the user's, whose change gives the last snapshot another name", async () => {
    const kmsKeyArn = "arn:aws:kms:us-east-1:123456789012:key/k";
    const { named } = await composedAurora({}, { kmsKeyArn });
    expect(named("postgres-cluster").inputs.kmsKeyId).toBe(kmsKeyArn);
    expect(named("postgres-final-snapshot").inputs).toEqual({
      byteLength: 4,
      keepers: { cluster: "drops-test", kmsKey: kmsKeyArn },
    });
  });

  it("measures its machines under a role that may do no more", async () => {
    const { named } = await composedAurora({ monitoringSeconds: 60 });
    expect(named("postgres-2").inputs).toMatchObject({
      monitoringInterval: 60,
      monitoringRoleArn: "arn:aws:test:eu-central-1:123456789012:postgres-monitoring-role",
    });
    expect(named("postgres-monitoring-policy").inputs).toEqual({
      role: "postgres-monitoring-role",
      policyArn: "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
    });
    expect(waitsFor(named("postgres-1"))).toContain("postgres-monitoring-policy");
  });

  it("adds readers by their CPU, once those of the program are there", async () => {
    const { named } = await composedAurora(scaling);
    const readers = {
      serviceNamespace: "rds",
      scalableDimension: "rds:cluster:ReadReplicaCount",
      resourceId: "cluster:postgres-cluster",
    };
    expect(named("postgres-reader-scaling-target").inputs).toEqual({
      ...readers,
      minCapacity: 2,
      maxCapacity: 6,
    });
    expect(named("postgres-reader-scaling-cpu").inputs).toEqual({
      ...readers,
      policyType: "TargetTrackingScaling",
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: "RDSReaderAverageCPUUtilization" },
        targetValue: 60,
        scaleOutCooldown: 300,
        scaleInCooldown: 900,
      },
    });
    expect(waitsFor(named("postgres-reader-scaling-target"))).toContain("postgres-3");
  });

  it("has a proxy that logs in as the app and may read nothing but that", async () => {
    const { named, outputs } = await composedAurora({}, proxy);
    expect(named("postgres-proxy").inputs).toEqual({
      name: "drops-test",
      engineFamily: "POSTGRESQL",
      roleArn: "arn:aws:test:eu-central-1:123456789012:postgres-proxy-role",
      vpcSubnetIds: ["subnet-a", "subnet-b", "subnet-c"],
      vpcSecurityGroupIds: ["sg-proxy"],
      requireTls: true,
      auths: [
        {
          authScheme: "SECRETS",
          clientPasswordAuthType: "POSTGRES_SCRAM_SHA_256",
          iamAuth: "DISABLED",
          secretArn: "arn:aws:test:eu-central-1:123456789012:postgres-proxy-login-secret",
        },
      ],
    });
    expect(JSON.parse(named("postgres-proxy-policy").inputs.policy as string)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "secretsmanager:GetSecretValue",
          Resource: "arn:aws:test:eu-central-1:123456789012:postgres-proxy-login-secret",
        },
      ],
    });
    expect(named("postgres-proxy-targets").inputs).toEqual({
      dbProxyName: "drops-test",
      connectionPoolConfig: { maxConnectionsPercent: 100, connectionBorrowTimeout: 120 },
    });
    expect(named("postgres-proxy-target").inputs).toEqual({
      dbProxyName: "drops-test",
      targetGroupName: "postgres-proxy-targets",
      dbClusterIdentifier: "postgres-cluster",
    });
    expect(waitsFor(named("postgres-proxy-target"))).toContain("postgres-2");
    expect(outputs.urls).toMatchObject({
      app: expect.stringContaining("@writer.example:5432/") as unknown,
      pooled:
        "postgresql://drops_app:postgres-app-password-value's@proxy.example:5432/drops?sslmode=verify-full",
    });
    // A proxy's certificate comes from elsewhere.
    expect(outputs.authority).toBe(rdsAuthority("us-east-1") + rdsProxyAuthorities());
  });

  it.each([
    [true, 7],
    [false, 0],
  ])(
    "names and ends what its proxy leaves (protect: %s)",
    async (protect, recoveryWindowInDays) => {
      const { named } = await composedAurora({ protect }, proxy);
      expect(named("postgres-proxy-login-secret").inputs).toMatchObject({
        namePrefix: "drops-test-proxy-login-",
        recoveryWindowInDays,
      });
      expect(named("postgres-proxy-log").inputs).toEqual({
        name: "/aws/rds/proxy/drops-test",
        retentionInDays: 30,
      });
      expect(waitsFor(named("postgres-proxy"))).toContain("postgres-proxy-log");
    },
  );

  it("has each child changed by its override", async () => {
    const { named } = await composedAurora(
      { ...scaling, monitoringSeconds: 60 },
      {
        ...proxy,
        overrides: {
          subnetGroup: { name: "ours" },
          parameterGroup: (args) => ({ ...args, parameters: [] }),
          logGroup: { retentionInDays: 1 },
          cluster: { snapshotIdentifier: "the-last-one" },
          instance: (args) => ({ ...args, promotionTier: 5 }),
          monitoringRole: { description: "ours" },
          readerScaling: { target: { maxCapacity: 9 }, policy: { name: "ours" } },
          proxy: {
            log: { retentionInDays: 1 },
            role: { description: "ours" },
            policy: { name: "ours" },
            proxy: { debugLogging: true },
            targetGroup: { connectionPoolConfig: { maxConnectionsPercent: 50 } },
            target: (args) => ({ ...args, region: "eu-central-1" }),
          },
        },
      },
    );
    const changed: Record<string, object> = {
      "postgres-subnets": { name: "ours" },
      "postgres-parameters": { parameters: [] },
      "postgres-log": { retentionInDays: 1 },
      "postgres-cluster": { snapshotIdentifier: "the-last-one", engine: "aurora-postgresql" },
      "postgres-1": { promotionTier: 5 },
      "postgres-3": { promotionTier: 5 },
      "postgres-monitoring-role": { description: "ours" },
      "postgres-reader-scaling-target": { maxCapacity: 9, minCapacity: 2 },
      "postgres-reader-scaling-cpu": { name: "ours" },
      "postgres-proxy-log": { retentionInDays: 1 },
      "postgres-proxy-role": { description: "ours" },
      "postgres-proxy-policy": { name: "ours" },
      "postgres-proxy": { debugLogging: true, requireTls: true },
      "postgres-proxy-targets": { connectionPoolConfig: { maxConnectionsPercent: 50 } },
      "postgres-proxy-target": { region: "eu-central-1" },
    };
    for (const [name, inputs] of Object.entries(changed)) {
      expect(named(name).inputs, name).toMatchObject(inputs);
    }
  });
});
