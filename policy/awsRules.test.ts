import { describe, expect, it } from "vitest";
import type { RegisteredResource } from "../report/compose";
import { composed } from "../tests/composing";
import { awsRules } from "./awsRules";
import { violationsOf } from "./rules";
import { registered } from "./testing/registered";

const cluster = (
  inputs: Record<string, unknown> = {},
  rest: Partial<RegisteredResource> = {},
): RegisteredResource =>
  registered("aws:rds/cluster:Cluster", { storageEncrypted: true, ...inputs }, rest);
const instance = (publiclyAccessible: boolean): RegisteredResource =>
  registered("aws:rds/clusterInstance:ClusterInstance", { publiclyAccessible });
const two = [instance(false), instance(false)];

const cache = (
  inputs: Record<string, unknown> = {},
  rest: Partial<RegisteredResource> = {},
): RegisteredResource =>
  registered(
    "aws:elasticache/replicationGroup:ReplicationGroup",
    { transitEncryptionEnabled: true, atRestEncryptionEnabled: true, ...inputs },
    rest,
  );

const ingress = (inputs: Record<string, unknown>): RegisteredResource =>
  registered("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {
    fromPort: 443,
    ...inputs,
  });
const group = (inputs: Record<string, unknown>): RegisteredResource =>
  registered("aws:ec2/securityGroup:SecurityGroup", inputs);

const bucket = registered("aws:s3/bucket:Bucket", {});
const block = (restrictPublicBuckets: boolean): RegisteredResource =>
  registered("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", {
    ...{ blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true },
    restrictPublicBuckets,
  });

const task = (container: Record<string, unknown>): RegisteredResource =>
  registered("aws:ecs/taskDefinition:TaskDefinition", {
    containerDefinitions: JSON.stringify([
      { name: "web", image: `ghcr.io/octocat/drops@sha256:${"0".repeat(64)}`, ...container },
    ]),
  });
const service = (inputs: Record<string, unknown>): RegisteredResource =>
  registered("aws:ecs/service:Service", {
    deploymentCircuitBreaker: { enable: true, rollback: true },
    networkConfiguration: { assignPublicIp: false },
    ...inputs,
  });
const distribution = (inputs: Record<string, unknown>): RegisteredResource =>
  registered("aws:cloudfront/distribution:Distribution", inputs);
const rights = (Action: unknown): RegisteredResource =>
  registered("aws:iam/rolePolicy:RolePolicy", {
    policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action, Resource: "*" }] }),
  });
const logs = (inputs: Record<string, unknown>): RegisteredResource =>
  registered("aws:cloudwatch/logGroup:LogGroup", inputs);
const listener = (protocol: string): RegisteredResource =>
  registered("aws:lb/listener:Listener", { protocol });

/** Per rule: resources that keep it, and resources that break it and no other. */
const cases: Record<string, [RegisteredResource[], RegisteredResource[]]> = {
  "aurora-not-public": [[instance(false)], [instance(true)]],
  "aurora-encrypted": [
    [cluster(), ...two],
    [cluster({ storageEncrypted: false }), ...two],
  ],
  "aurora-final-snapshot": [
    [cluster({ skipFinalSnapshot: false }), ...two],
    [cluster({ skipFinalSnapshot: true }), ...two],
  ],
  "aurora-over-two-zones": [
    [cluster(), ...two],
    [cluster(), instance(false)],
  ],
  "cache-encrypted": [[cache()], [cache({ transitEncryptionEnabled: false })]],
  "no-port-open-to-all": [
    [ingress({ cidrIpv4: "10.130.0.0/16" }), ingress({ referencedSecurityGroupId: "[unknown]" })],
    [ingress({ cidrIpv6: "::/0" })],
  ],
  "group-rules-apart": [[group({})], [group({ egress: [] })]],
  "bucket-not-public": [
    [bucket, block(true)],
    [bucket, block(false)],
  ],
  "task-by-digest": [[task({})], [task({ image: "ghcr.io/octocat/drops:latest" })]],
  "task-secrets-by-reference": [
    [task({ environment: [{ name: "PUBLIC_URL" }, { name: "PORT" }] })],
    [task({ environment: [{ name: "DATABASE_URL" }] })],
  ],
  "task-without-public-address": [
    [service({})],
    [service({ networkConfiguration: { assignPublicIp: true } })],
  ],
  "failed-deploy-goes-back": [
    [service({})],
    [service({ deploymentCircuitBreaker: { enable: true, rollback: false } })],
  ],
  "distribution-behind-waf": [[distribution({ webAclId: "[unknown]" })], [distribution({})]],
  "permissions-narrow": [[rights("ecs:RunTask")], [rights(["logs:PutLogEvents", "ecs:*"])]],
  "logs-end": [[logs({ retentionInDays: 30 })], [logs({})]],
  "balancer-over-tls": [[listener("HTTPS")], [listener("HTTP")]],
  "aurora-protected": [
    [cluster(), ...two],
    [cluster({}, { protect: false }), ...two],
  ],
  "cache-protected": [[cache()], [cache({}, { protect: false })]],
};

describe("policy of the large tier", () => {
  it("has a case for every rule", () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(awsRules).sort());
  });

  it.each(Object.entries(cases))("%s is kept and broken", (rule, [good, bad]) => {
    expect(violationsOf(good)).toEqual([]);
    expect(violationsOf(bad).map((violation) => violation.rule)).toEqual([rule]);
  });

  it("passes over what is not known before a deploy", () => {
    const unknown = registered("aws:ecs/taskDefinition:TaskDefinition", {
      containerDefinitions: "[unknown]",
    });
    expect(violationsOf([unknown])).toEqual([]);
  });

  it("says that the balancer speaks plain HTTP where it has no certificate", async () => {
    const { resources } = await composed("large", [], ["drops:cloudflare", "drops:domain"]);
    expect(violationsOf(resources).map(({ rule, level }) => `${level} ${rule}`)).toEqual([
      "advisory balancer-over-tls",
    ]);
  });

  it("warns of unguarded data when protection is off", async () => {
    const found = violationsOf((await composed("large", ["protection=off"])).resources);
    expect(found.map(({ rule, level }) => `${level} ${rule}`)).toEqual([
      "warning aurora-protected",
      "warning cache-protected",
    ]);
  });
});
