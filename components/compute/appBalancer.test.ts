import { VpcEndpoint } from "@pulumi/aws/ec2";
import type { Resource } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { awsAnswer, refusal, registered, waitsFor } from "../network/testing/registered";
import {
  AppBalancer,
  balancerPort,
  type AppBalancerArgs,
  type AppBalancerSpec,
} from "./appBalancer";

const spec: AppBalancerSpec = {
  name: "drops-test",
  internal: true,
  tls: true,
  port: 3000,
  healthPath: "/readyz",
  idleTimeoutSeconds: 120,
  deregistrationSeconds: 60,
  protect: true,
  logs: false,
};
const certificateArn = "arn:aws:acm:eu-central-1:123456789012:certificate/1";

const argsOf = (
  changes: Partial<AppBalancerSpec>,
  more: Partial<AppBalancerArgs> = {},
): AppBalancerArgs => ({
  spec: { ...spec, ...changes },
  vpcId: "vpc",
  subnetIds: ["private-a", "private-b", "private-c"],
  securityGroupId: "group",
  ...(changes.tls === false ? {} : { certificateArn }),
  ...more,
});

const answer = awsAnswer((type) => {
  if (type.endsWith(":LoadBalancer"))
    return { arnSuffix: "app/b/1", dnsName: "internal-b.elb.example.com" };
  if (type.endsWith(":TargetGroup")) return { arnSuffix: "targetgroup/t/2" };
  return type.endsWith(":Bucket") ? { bucket: "logs-1234567" } : {};
});

const composed = (
  changes: Partial<AppBalancerSpec> = {},
  more: () => Partial<AppBalancerArgs> = () => ({}),
) =>
  registered(() => {
    const { arn, arnSuffix, dnsName, targetGroupArn, targetGroupArnSuffix, resourceLabel, ready } =
      new AppBalancer("balancer", argsOf(changes, more()));
    return {
      ...{ arn, arnSuffix, dnsName, targetGroupArn, targetGroupArnSuffix, resourceLabel },
      ready: ready.map(({ urn }) => urn.apply((text) => text.split("::").at(-1))),
    };
  }, answer);

const arnOf = (name: string): string => `arn:aws:test:eu-central-1:123456789012:${name}`;
const forward = { type: "forward", targetGroupArn: arnOf("balancer-web") };

describe("the balancer", () => {
  it("stands inside the network, and holds websockets open", async () => {
    const { names, named, outputs } = await composed();
    expect(names).toEqual([
      "lb:Listener balancer-https",
      "lb:LoadBalancer balancer-balancer",
      "lb:TargetGroup balancer-web",
    ]);
    expect(named("balancer-balancer").inputs).toEqual({
      loadBalancerType: "application",
      ipAddressType: "ipv4",
      internal: true,
      subnets: ["private-a", "private-b", "private-c"],
      securityGroups: ["group"],
      idleTimeout: 120,
      enableHttp2: true,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "defensive",
      xffHeaderProcessingMode: "append",
      enableDeletionProtection: true,
      tags: { Name: "drops-test" },
    });
    expect(outputs).toEqual({
      arn: arnOf("balancer-balancer"),
      arnSuffix: "app/b/1",
      dnsName: "internal-b.elb.example.com",
      targetGroupArn: arnOf("balancer-web"),
      targetGroupArnSuffix: "targetgroup/t/2",
      resourceLabel: "app/b/1/targetgroup/t/2",
      ready: ["balancer-https"],
    });
  });

  it("sends what comes to the task with the least to do, and to none that is not ready", async () => {
    const { named } = await composed();
    expect(named("balancer-web").inputs).toEqual({
      vpcId: "vpc",
      targetType: "ip",
      protocol: "HTTP",
      protocolVersion: "HTTP1",
      port: 3000,
      deregistrationDelay: 60,
      loadBalancingAlgorithmType: "least_outstanding_requests",
      slowStart: 0,
      stickiness: { type: "lb_cookie", enabled: false },
      healthCheck: {
        path: "/readyz",
        protocol: "HTTP",
        port: "traffic-port",
        matcher: "200",
        interval: 10,
        timeout: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 9,
      },
      tags: { Name: "drops-test" },
    });
  });

  it("speaks TLS 1.2 and later", async () => {
    const { named } = await composed();
    expect(named("balancer-https").inputs).toEqual({
      loadBalancerArn: arnOf("balancer-balancer"),
      port: 443,
      protocol: "HTTPS",
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
      certificateArn,
      defaultActions: [forward],
    });
  });

  it("without a certificate listens on port 80 alone", async () => {
    const { names, named } = await composed({ tls: false });
    expect(names).toContain("lb:Listener balancer-http");
    expect(names).not.toContain("lb:Listener balancer-https");
    expect(named("balancer-http").inputs).toEqual({
      loadBalancerArn: arnOf("balancer-balancer"),
      port: 80,
      protocol: "HTTP",
      defaultActions: [forward],
    });
    expect([balancerPort(true), balancerPort(false)]).toEqual([443, 80]);
  });

  it("facing the internet serves its own host names alone, once there is a way there", async () => {
    const way = (): Resource => new VpcEndpoint("way", { vpcId: "vpc" });
    const { named, outputs } = await composed(
      { internal: false, hosts: ["example.com", "origin-test.example.com"] },
      () => ({ ready: [way()] }),
    );
    expect(named("balancer-balancer").inputs.internal).toBe(false);
    expect(waitsFor(named("balancer-balancer"))).toContain("way");
    expect(named("balancer-https").inputs.defaultActions).toEqual([
      {
        type: "fixed-response",
        fixedResponse: {
          statusCode: "403",
          contentType: "text/plain",
          messageBody: "No such host here.",
        },
      },
    ]);
    expect(named("balancer-hosts").inputs).toEqual({
      listenerArn: arnOf("balancer-https"),
      priority: 10,
      conditions: [{ hostHeader: { values: ["example.com", "origin-test.example.com"] } }],
      actions: [forward],
    });
    expect(outputs.ready).toEqual(["balancer-https", "balancer-hosts"]);
  });

  it.each([true, false])("is guarded: %s", async (protect) => {
    const { named } = await composed({ protect });
    expect(named("balancer-balancer")).toMatchObject({
      protect,
      inputs: { enableDeletionProtection: protect },
    });
    expect(named("balancer-web").protect).toBe(false);
  });

  it("that is replaced takes a target group of its own", async () => {
    const triggers = await Promise.all(
      [true, false].map(async (internal) => {
        const { named } = await composed({ internal });
        return named("balancer-web").replacementTrigger;
      }),
    );
    expect(triggers).toEqual([true, false]);
  });
});

describe("access logs", () => {
  it("go into a bucket that takes them from this account's balancers", async () => {
    const { named } = await composed({ logs: true, logRetentionDays: 14 });
    expect(named("balancer-balancer").inputs.accessLogs).toEqual({
      bucket: "logs-1234567",
      enabled: true,
    });
    expect(waitsFor(named("balancer-balancer"))).toEqual(
      expect.arrayContaining(["balancer-logs-encryption", "balancer-logs-policy"]),
    );
    expect(named("balancer-logs-lifecycle").inputs.rules).toMatchObject([
      { expiration: { days: 14 } },
    ]);
    expect(String(named("balancer-logs-policy").inputs.policy)).toContain("/AWSLogs/123456789012/");
  });

  it("are kept for a month where nothing is said", async () => {
    const { named } = await composed({ logs: true });
    expect(named("balancer-logs-lifecycle").inputs.rules).toMatchObject([
      { expiration: { days: 30 } },
    ]);
  });
});

describe("a balancer is refused", () => {
  it.each([
    [{ idleTimeoutSeconds: 0 }, {}, "spec.idleTimeoutSeconds must be 1..4000 s, got 0"],
    [{ idleTimeoutSeconds: 4_001 }, {}, "spec.idleTimeoutSeconds must be 1..4000 s, got 4001"],
    [
      { deregistrationSeconds: 3_601 },
      {},
      "spec.deregistrationSeconds must be 0..3600 s, got 3601",
    ],
    [{}, { certificateArn: undefined }, "spec.tls needs certificateArn"],
    [{ tls: false }, { certificateArn }, "certificateArn needs spec.tls"],
    [{ hosts: [] }, {}, "spec.hosts must be 1..5 names, got 0"],
    [
      { hosts: ["a", "b", "c", "d", "e", "f"], idleTimeoutSeconds: 0 },
      {},
      "spec.idleTimeoutSeconds must be 1..4000 s, got 0; spec.hosts must be 1..5 names, got 6",
    ],
  ] as const)("%o %o", async (changes, more, message) => {
    const create = () => new AppBalancer("balancer", argsOf(changes, more));
    expect(await refusal(create)).toBe(`balancer: ${message}`);
  });
});

it("every child of the balancer can be overridden", async () => {
  const tags = { ours: "yes" };
  const { resources } = await composed({ hosts: ["example.com"] }, () => ({
    overrides: {
      balancer: { tags },
      targetGroup: { tags },
      listener: (args) => ({ ...args, tags }),
      hostRule: { tags },
    },
  }));
  expect(resources).toHaveLength(4);
  for (const { name, inputs } of resources) expect(inputs.tags, name).toEqual(tags);
});
