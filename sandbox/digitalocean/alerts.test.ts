import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CloudResource } from "../contracts";
import { digitalocean } from ".";
import { TestCloud, type RefusedCase } from "./testing/testCloud";

let cloud: TestCloud;
let droplet: CloudResource;
beforeEach(async () => {
  cloud = new TestCloud([digitalocean]);
  droplet = await cloud.create("Droplet", "d", {
    region: "fra1",
    size: "s-1vcpu-1gb",
    image: "debian-13-x64",
  });
});
afterEach(() => {
  cloud.close();
});

const alerts = { emails: ["ops@example.com"] };
const monitor = {
  type: "v1/insights/droplet/cpu",
  compare: "GreaterThan",
  value: 70,
  window: "5m",
  description: "CPU",
  alerts,
};

describe("MonitorAlert", () => {
  it("watches a server that exists, and stays when it goes", async () => {
    const made = await cloud.create("MonitorAlert", "a", { ...monitor, entities: [droplet.id] });
    expect(made.outputs["uuid"]).toBe(made.id);
    expect(made.inputs["enabled"]).toBe(true);
    await cloud.delete(droplet);
    expect(cloud.world.get(made.type, made.id)).toBeDefined();
  });

  it.each([
    [{ type: "v1/insights/droplet/connections" }, "type: Invalid option"],
    [{ window: "7m" }, 'window: Invalid option: expected one of "5m"|"10m"|"30m"|"1h"; got "7m"'],
    [{ compare: ">" }, "compare: Invalid option"],
    [{ value: -1 }, "value: Too small"],
    [{ entities: [] }, "entities: Too small"],
    [
      { alerts: { emails: [], slacks: [{ channel: "", url: "https://x" }] } },
      "alerts.slacks[0].channel",
    ],
  ])("is refused in a preview: %j", (change, message) => {
    const refused = cloud.preview("MonitorAlert", { ...monitor, ...change });
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain(message);
  });

  it.each<RefusedCase>([
    {
      rule: "nobody is told",
      change: { alerts: {} },
      message: "at least one email address or Slack channel",
    },
    {
      rule: "nobody, in empty lists",
      change: { alerts: { emails: [], slacks: [] } },
      message: "field 'alerts'",
    },
    {
      rule: "no address",
      change: { alerts: { emails: ["ops"] } },
      message: "field 'alerts.email[0]': invalid email 'ops'",
    },
    {
      rule: "no such server",
      change: { entities: ["1"] },
      message: 'entities[]: there is no Droplet "1"',
    },
    {
      rule: "no such cluster",
      change: { type: "v1/dbaas/alerts/cpu_alerts", entities: ["1"] },
      message: 'there is no DatabaseCluster "1"',
    },
    {
      rule: "no load balancers",
      change: { type: "v1/insights/lbaas/droplet_health", entities: ["1"] },
      message: 'there is no LoadBalancer "1"',
    },
  ])("is refused when made: $rule", async ({ change, message }) => {
    await expect(cloud.create("MonitorAlert", "a", { ...monitor, ...change })).rejects.toThrow(
      message,
    );
  });
});

describe("UptimeCheck and UptimeAlert", () => {
  const check = { target: "https://example.com/healthz", regions: ["eu_west"] };
  const alert = {
    type: "latency",
    comparison: "greater_than",
    period: "5m",
    threshold: 2_000,
    notifications: [alerts],
  };

  it("belong together: the alert goes with its check", async () => {
    const made = await cloud.create("UptimeCheck", "c", check);
    expect(made.inputs).toMatchObject({ type: "https", enabled: true });
    const told = await cloud.create("UptimeAlert", "a", { ...alert, checkId: made.id });
    await cloud.delete(made);
    expect(cloud.world.get(told.type, told.id)).toBeUndefined();
  });

  it.each([
    ["UptimeCheck", { ...check, type: "tcp" }, "type: Invalid option"],
    ["UptimeAlert", { ...alert, checkId: "x", type: "slow" }, "type: Invalid option"],
    ["UptimeAlert", { ...alert, checkId: "x", comparison: ">" }, "comparison: Invalid option"],
    ["UptimeAlert", { ...alert, checkId: "x", period: "4m" }, "period: Invalid option"],
  ])("are refused in a preview: %s %j", (kind, inputs, message) => {
    expect(cloud.preview(kind, inputs)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    [
      { regions: ["mars"] },
      "field 'regions': \"mars\"; allowed: us_east, us_west, eu_west, se_asia",
    ],
    [
      { target: "example.com" },
      'takes a URL that begins with http:// or https://, got "example.com"',
    ],
    [{ type: "ping", target: "https://example.com" }, "takes a host name or address"],
  ])("a check is refused when made: %j", async (change, message) => {
    await expect(cloud.create("UptimeCheck", "c", { ...check, ...change })).rejects.toThrow(
      message,
    );
  });

  it.each([
    [{ notifications: [] }, "field 'notifications'"],
    [{ notifications: [{ emails: [] }] }, "field 'notifications'"],
    [{ threshold: 5_001 }, "at most 5000 ms, got 5001"],
    [{ checkId: "none" }, 'there is no UptimeCheck "none"'],
  ])("an alert is refused when made: %j", async (change, message) => {
    const { id: checkId } = await cloud.create("UptimeCheck", "c", check);
    await expect(
      cloud.create("UptimeAlert", "a", { ...alert, checkId, ...change }),
    ).rejects.toThrow(message);
  });
});

describe("SpacesBucket and SpacesKey", () => {
  it("name one another until the bucket goes", async () => {
    const bucket = await cloud.create("SpacesBucket", "backup", { versioning: { enabled: true } });
    expect(bucket.id).toMatch(/^backup-[0-9a-f]{7}$/);
    expect(bucket.inputs).toMatchObject({ region: "nyc3", acl: "private" });
    expect(bucket.outputs).toEqual({
      endpoint: "nyc3.digitaloceanspaces.com",
      bucketDomainName: `${bucket.id}.nyc3.digitaloceanspaces.com`,
      bucketUrn: `do:space:${bucket.id}`,
    });
    const grants = [{ bucket: bucket.id, permission: "readwrite" }];
    const key = await cloud.create("SpacesKey", "key", { grants });
    expect(key.outputs["accessKey"]).toMatch(/^DO[0-9A-Z]{18}$/);
    expect(key.outputs["secretKey"]).toMatch(/^[\w-]{43}$/);
    await expect(cloud.create("SpacesBucket", "x", { name: bucket.id })).rejects.toThrow(
      "BucketAlreadyExists",
    );
    await cloud.create("SpacesKey", "all", { grants: [{ bucket: "", permission: "fullaccess" }] });
    await cloud.delete(bucket);
    expect(cloud.world.get(key.type, key.id)).toBeDefined();
  });

  it.each([
    [{ region: "nyc1" }, "region: expected region to be one of ams3, "],
    [
      { lifecycleRules: [{ enabled: true, expiration: { days: -1 } }] },
      "lifecycleRules[0].expiration.days",
    ],
    [
      { lifecycleRules: [{ enabled: true, noncurrentVersionExpiration: { days: 0 } }] },
      "noncurrentVersionExpiration.days",
    ],
  ])("a bucket is refused in a preview: %j", (inputs, message) => {
    expect(cloud.preview("SpacesBucket", inputs)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ["SpacesBucket", { name: "My_Bucket" }, "InvalidBucketName"],
    ["SpacesBucket", { acl: "everybody" }, "acl is private or public-read"],
    [
      "SpacesKey",
      { grants: [{ bucket: "none", permission: "read" }] },
      'there is no SpacesBucket "none"',
    ],
    ["SpacesKey", { grants: [{ bucket: "", permission: "own" }] }, 'invalid permission "own"'],
    [
      "SpacesKey",
      { grants: [{ bucket: "", permission: "read" }] },
      "fullaccess is for all buckets",
    ],
  ])("%s is refused when made: %j", async (kind, inputs, message) => {
    await expect(cloud.create(kind, "x", inputs)).rejects.toThrow(message);
  });
});
