import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AwsBackupPlan } from "../../../components/backup/awsBackupPlan";
import { AwsBackupBucket } from "../../../components/backup/backupBucketAws";
import { AccessLogBucket } from "../../../components/compute/accessLogBucket";
import { AuroraPostgres } from "../../../components/postgres/aurora";
import { sampleAuroraSpec } from "../../../components/postgres/testing/sampleAurora";
import { ElastiCacheValkey } from "../../../components/redis/elasticache";
import { deployProgram, type Others } from "../testing/deployProgram";
import { newPlace, type Place } from "./testing/place";

let place: Place;
beforeEach(async () => {
  place = await newPlace("us-east-1");
});
afterEach(() => {
  place.cloud.close();
});

const random: Others = {
  RandomPassword: (name) => ({ result: `${name}-of-letters` }),
  RandomId: () => ({ hex: "00c0ffee" }),
};

const deployed = async <T>(program: () => pulumi.Input<T>): Promise<T> =>
  await deployProgram(place.cloud, program, random);

const wiring = () => ({
  subnetIds: [...place.subnetIds],
  securityGroupIds: [place.securityGroupId],
});

it("takes Aurora as its component registers it, and gives URLs that lead to its server", async () => {
  const urls = await deployed(() => {
    const postgres = new AuroraPostgres("postgres", {
      ...{ spec: { ...sampleAuroraSpec, protect: false }, ...wiring() },
      proxy: { securityGroupIds: [place.securityGroupId] },
    });
    return pulumi.output([postgres.ownerUrl, postgres.pooledUrl ?? "", postgres.readerUrl ?? ""]);
  });
  expect(urls.map((url) => new URL(url).host)).toEqual(Array(3).fill("localhost:25060"));
});

it("takes a serverless one with insights and measurements", async () => {
  await deployed(() => {
    const postgres = new AuroraPostgres("postgres", {
      spec: {
        ...{ ...sampleAuroraSpec, protect: false, insights: "advanced", monitoringSeconds: 60 },
        ...{ mode: { kind: "serverless", minAcu: 0.5, maxAcu: 16 }, storageType: "aurora-iopt1" },
      },
      ...wiring(),
    });
    return postgres.clusterArn;
  });
  const instances = place.cloud.world.all("aws:rds/clusterInstance:ClusterInstance");
  expect(instances.map(({ outputs }) => outputs["writer"])).toEqual([true, false]);
});

it("takes a cache as its component registers it, and gives a URL that leads to its server", async () => {
  const url = await deployed(() => {
    const redis = new ElastiCacheValkey("redis", {
      spec: {
        ...{ name: "drops-test", region: "us-east-1", nodeType: "cache.t4g.small" },
        ...{ shards: 2, replicasPerShard: 1, protect: false },
        maintenance: { day: "sunday", hourUtc: 3 },
      },
      ...wiring(),
    });
    return redis.url;
  });
  expect(new URL(url).host).toBe("localhost:25060");
  expect(new URL(url).password).toBe("redis-token-value-of-letters");
});

it("takes the bucket of a balancer's logs", async () => {
  const name = await deployed(() => {
    const logs = new AccessLogBucket("logs", {
      ...{ spec: { name: "drops-test", retentionDays: 30 }, accountId: "123456789012" },
    });
    return logs.bucketName;
  });
  expect(place.cloud.world.get("aws:s3/bucket:Bucket", name)?.ready).toBe(true);
});

it("takes what backups go to", async () => {
  const arn = await deployed(() => {
    new AwsBackupBucket("backup", { spec: { retentionDays: 30, protect: false } });
    const plan = new AwsBackupPlan("plan", {
      spec: {
        ...{ name: "drops-test", retentionDays: 35, copyRegion: "us-west-2", protect: false },
      },
      clusterArn: "arn:aws:rds:us-east-1:123456789012:cluster:drops-test",
    });
    return plan.vaultArn;
  });
  expect(arn).toMatch(/^arn:aws:backup:us-east-1:123456789012:backup-vault:plan-vault-/);
});
