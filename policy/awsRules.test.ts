import { beforeAll, describe, expect, it } from "vitest";
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

/** A type that is protected, and one that is not. */
const guarded = (type: string): [RegisteredResource[], RegisteredResource[]] => [
  [registered(type, {})],
  [registered(type, {}, { protect: false })],
];

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
  "bucket-protected": [
    [bucket, { ...bucket, inputs: { forceDestroy: true }, protect: false }, block(true)],
    [{ ...bucket, protect: false }, block(true)],
  ],
  "vault-protected": guarded("aws:backup/vault:Vault"),
  "registry-protected": guarded("aws:ecr/repository:Repository"),
  "balancer-protected": guarded("aws:lb/loadBalancer:LoadBalancer"),
};

describe("policy of the large tier", () => {
  it("has a case for every rule", () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(awsRules).sort());
  });

  it.each(Object.entries(cases))("%s is kept and broken", (rule, [good, bad]) => {
    expect(violationsOf(good)).toEqual([]);
    expect(violationsOf(bad).map((violation) => violation.rule)).toEqual([rule]);
  });

  it.each([
    ["aws:ecs/taskDefinition:TaskDefinition", "containerDefinitions"],
    ["aws:iam/rolePolicy:RolePolicy", "policy"],
  ])("says that it could not look where %s is not known before a deploy", (type, input) => {
    const found = violationsOf([registered(type, { [input]: "[unknown]" })]);
    expect(found.length).toBeGreaterThan(0);
    for (const { level, message } of found) {
      expect([level, message]).toEqual([
        "advisory",
        expect.stringMatching(/^not checked, because only a deploy tells: /),
      ]);
    }
  });

  describe("of a composed stack", () => {
    let resources: readonly RegisteredResource[];
    beforeAll(async () => {
      const exec = ["app.exec=on", "postgres.proxy=on", `image=sha256:${"a".repeat(64)}`];
      ({ resources } = await composed("large", exec));
    }, 60_000);
    const ruined = (type: string, input: string, from: string, to: string): string[] => {
      const broken = resources.map((one) =>
        one.type === type
          ? {
              ...one,
              inputs: { ...one.inputs, [input]: String(one.inputs[input]).replace(from, to) },
            }
          : one,
      );
      return [...new Set(violationsOf(broken).map(({ level, rule }) => `${level} ${rule}`))];
    };
    const task = "aws:ecs/taskDefinition:TaskDefinition";

    it("looks into every task and every role", () => {
      const texts = resources.flatMap(({ type, inputs }) =>
        type === task
          ? [inputs.containerDefinitions]
          : type === "aws:iam/rolePolicy:RolePolicy"
            ? [inputs.policy]
            : [],
      );
      expect(texts.length).toBeGreaterThan(7);
      for (const text of texts) expect(() => JSON.parse(String(text)) as unknown).not.toThrow();
      expect(violationsOf(resources)).toEqual([]);
    });

    it.each([
      ["an image by a tag", task, "containerDefinitions", "@sha256:", ":", "task-by-digest"],
      [
        "a credential in plain sight",
        ...[task, "containerDefinitions", '"name":"DROPS_TIER"', '"name":"DATABASE_URL"'],
        "task-secrets-by-reference",
      ],
      [
        "a wide right",
        ...["aws:iam/rolePolicy:RolePolicy", "policy", '"logs:PutLogEvents"', '"logs:*"'],
        "permissions-narrow",
      ],
    ] as const)("finds %s", (_, type, input, from, to, rule) => {
      expect(ruined(type, input, from, to)).toEqual([`mandatory ${rule}`]);
    });
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
      "warning bucket-protected",
      "warning vault-protected",
      "warning registry-protected",
      "warning balancer-protected",
    ]);
  });
});
