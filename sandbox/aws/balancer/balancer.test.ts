import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import type { CloudResource } from "../../contracts";
import { newNetwork } from "../testing/network";
import { AwsTestCloud } from "../testing/testCloud";
import { isMatch } from "./targetGroup";

let cloud: AwsTestCloud;
let vpcId: string;
let subnets: readonly string[];
beforeEach(async () => {
  cloud = new AwsTestCloud();
  const { vpc, subnetIds } = await newNetwork(cloud, ["a", "b", "b"]);
  vpcId = vpc.id;
  subnets = subnetIds;
});
afterEach(() => {
  cloud.close();
});

const balancer = async (change: Values = {}) =>
  await cloud.create("LoadBalancer", "balancer", {
    ...{ internal: true, subnets: subnets.slice(0, 2), ...change },
  });
const group = async (change: Values = {}, name = "web") =>
  await cloud.create("TargetGroup", name, {
    ...{ vpcId, targetType: "ip", protocol: "HTTP", port: 3000, ...change },
  });
const listener = async (to: CloudResource, targets: CloudResource, change: Values = {}) =>
  await cloud.create("Listener", "http", {
    ...{ loadBalancerArn: to.id, port: 80, protocol: "HTTP" },
    ...{ defaultActions: [{ type: "forward", targetGroupArn: targets.id }], ...change },
  });

describe("a load balancer", () => {
  it.each<[string, () => Values, string]>([
    ["one zone", () => ({ subnets: subnets.slice(1) }), "two different Availability Zones"],
    ["a zone twice", () => ({ subnets }), "multiple subnets in the same Availability Zone"],
    ["no way from the internet", () => ({ internal: false }), "has no internet gateway"],
    ["no such group", () => ({ securityGroups: ["sg-1"] }), 'there is no SecurityGroup "sg-1"'],
  ])("with %s is refused", async (_, change, message) => {
    await expect(balancer(change())).rejects.toThrow(message);
  });

  it.each([
    [{ name: "-a" }, "cannot begin with a hyphen"],
    [{ name: "internal-a" }, 'cannot begin with "internal-"'],
    [{ name: "a".repeat(33) }, "cannot be longer than 32 characters"],
    [{ idleTimeout: 4_001 }, "idleTimeout"],
    [{ loadBalancerType: "network" }, "loadBalancerType"],
  ])("with %j is refused in a preview", (change, message) => {
    expect(cloud.preview("LoadBalancer", change)[0]).toContain(message);
  });

  it("writes its logs into a bucket that lets it alone", async () => {
    const logs = () => balancer({ accessLogs: { bucket: "logs", enabled: true } });
    await expect(logs()).rejects.toThrow("S3Bucket: logs does not exist");
    await cloud.create("Bucket", "logs", { bucket: "logs" });
    await expect(logs()).rejects.toThrow("Access Denied for bucket: logs.");
    const policy = async (Service: string, account = "123456789012") =>
      await cloud.create("BucketPolicy", "policy", {
        bucket: "logs",
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              ...{ Effect: "Allow", Principal: { Service }, Action: "s3:PutObject" },
              Resource: `arn:aws:s3:::logs/AWSLogs/${account}/*`,
            },
            {
              ...{
                Effect: "Deny",
                Principal: "*",
                Action: "s3:*",
                Resource: "arn:aws:s3:::logs/*",
              },
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
          ],
        }),
      });
    const service = "logdelivery.elasticloadbalancing.amazonaws.com";
    await cloud.delete(await policy("logs.amazonaws.com"));
    await cloud.delete(await policy(service, "210987654321"));
    await expect(logs()).rejects.toMatchObject({ code: "InvalidConfigurationRequest" });
    await policy(service);
    expect((await logs()).ready).toBe(true);
  });

  it("has names that metrics and DNS know it by, and stays where it is protected", async () => {
    const made = await balancer({ name: "drops", enableDeletionProtection: true });
    const [, suffix = ""] = made.id.split("loadbalancer/");
    expect(suffix).toMatch(/^app\/drops\/[0-9a-f]{16}$/);
    expect(made.outputs).toMatchObject({ arnSuffix: suffix, vpcId, idleTimeout: 60 });
    expect(made.outputs["dnsName"]).toMatch(
      /^internal-drops-\d+\.eu-central-1\.elb\.amazonaws\.com$/,
    );
    await expect(cloud.delete(made)).rejects.toMatchObject({ code: "OperationNotPermitted" });
  });
});

describe("a target group", () => {
  it.each([
    [{ healthCheck: { interval: 5 } }, "must be more than the timeout, 6 s"],
    [{ healthCheck: { matcher: "99" } }, "codes of HTTP"],
    [{ healthCheck: { path: "readyz" } }, "healthCheck.path"],
    [{ healthCheck: { unhealthyThreshold: 11 } }, "healthCheck.unhealthyThreshold"],
    [{ slowStart: 10 }, "0, or 30 to 900 seconds"],
    [{ deregistrationDelay: 3_601 }, "deregistrationDelay"],
  ])("with %j is refused in a preview", (change, message) => {
    expect(cloud.preview("TargetGroup", change)[0]).toContain(message);
  });

  it("needs a port, and stays while a listener leads to it", async () => {
    await expect(group({ port: undefined })).rejects.toThrow("A port must be specified");
    const made = await group();
    await listener(await balancer(), made);
    await expect(cloud.delete(made)).rejects.toMatchObject({ code: "ResourceInUse" });
  });

  it.each([
    ["200", 200, true],
    ["200", 204, false],
    ["200-299", 204, true],
    ["200,301-308", 302, true],
    ["200,301-308", 300, false],
  ])("matcher %s and status %d: %s", (matcher, status, answer) => {
    expect(isMatch(matcher, status)).toBe(answer);
  });
});

describe("a listener", () => {
  it.each([
    [{ port: undefined }, "A port and a protocol must be specified"],
    [{ protocol: "HTTPS", port: 443 }, "A certificate must be specified"],
    [
      { protocol: "HTTPS", certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/1" },
      "it is in us-east-1, the listener in eu-central-1",
    ],
    [{ defaultActions: [{ type: "forward" }] }, "A target group must be specified"],
    [
      {
        defaultActions: [
          {
            type: "forward",
            targetGroupArn:
              "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/no/1",
          },
        ],
      },
      "not found",
    ],
  ])("with %j is refused", async (change, message) => {
    await expect(listener(await balancer(), await group(), change)).rejects.toThrow(message);
  });

  it("listens on its port, once, and ends with its balancer", async () => {
    const [to, targets] = [await balancer(), await group()];
    const made = await listener(to, targets);
    await expect(listener(to, targets)).rejects.toThrow("already exists on this port");
    expect(cloud.calls).toEqual([["containers.listen", made.id, { balancerArn: to.id, port: 80 }]]);
    await cloud.delete(made);
    expect(cloud.calls.at(-1)).toEqual(["containers.unlisten", made.id]);
  });

  it("has rules in an order, each of its own", async () => {
    const [to, targets] = [await balancer(), await group()];
    const { id: listenerArn } = await listener(to, targets);
    const rule = async (name: string, priority?: number) =>
      await cloud.create("ListenerRule", name, {
        ...{ listenerArn, ...(priority !== undefined && { priority }) },
        conditions: [{ hostHeader: { values: ["a.example"] } }],
        actions: [{ type: "forward", targetGroupArn: targets.id }],
      });
    await rule("first", 10);
    await expect(rule("second", 10)).rejects.toThrow("Priority '10' is currently in use");
    expect((await rule("third")).outputs["priority"]).toBe(11);
  });
});
