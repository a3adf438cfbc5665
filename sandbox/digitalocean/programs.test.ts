import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { composed } from "../../tests/composing";
import type { RegisteredResource } from "../../report/compose";
import { secretText, unknownText } from "../../report/values";
import { newSshKeys } from "../lifecycle/stackConfig";
import type { Provider, Values } from "../cloud/kind";
import { unknownValue } from "../cloud/unknowns";
import { cloudflare } from "../cloudflare";
import { command } from "../command";
import type { CloudResource } from "../contracts";
import { digitalocean } from ".";
import { TestCloud } from "./testing/testCloud";

/** What the project's own program registers, in all its shapes. */
const programs: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["small", [], []],
  ["small", ["drops:redis.provider=digitalocean", "drops:redis.size=db-s-1vcpu-2gb"], []],
  ["small", [], ["drops:domain", "drops:cloudflare"]],
  ["small", [], ["drops:cloudflare"]],
  ["small", ["drops:vps.backups=off", "drops:backups.dump=off"], []],
  ["small", ["drops:vps.backups=daily", "drops:postgres.size=db-s-2vcpu-4gb"], []],
  ["edge", [], []],
];

const zoneId = "0".repeat(32);
const keys = newSshKeys();

let cloud: TestCloud;
beforeEach(() => {
  cloud = new TestCloud([digitalocean, cloudflare, command] satisfies Provider[]);
});
afterEach(() => {
  cloud.close();
});

async function registered(
  stack: string,
  settings: readonly string[],
  without: readonly string[],
): Promise<readonly RegisteredResource[]> {
  const { resources } = await composed(stack, settings, without);
  return resources.filter(({ type }) => !type.startsWith("drops:") && !type.startsWith("pulumi:"));
}

const lastOf = (type: string): string => type.split(":").at(-1) ?? type;

/** Each marker of a value that a preview does not know (or may not show) by something else. */
function replaced(value: unknown, by: unknown): unknown {
  if (value === unknownText || value === secretText) return by;
  if (Array.isArray(value)) return value.map((child) => replaced(child, by));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, replaced(child, by)]),
  );
}

describe.each(programs)("the program of %s with %j, without %j", (stack, settings, without) => {
  it("passes a preview", async () => {
    const resources = await registered(stack, settings, without);
    expect(resources.length).toBeGreaterThan(10);
    for (const { type, inputs } of resources) {
      const news = replaced(inputs, unknownValue) as Values;
      expect({ type, refused: cloud.preview(lastOf(type), news) }).toEqual({ type, refused: [] });
    }
  });

  it("is made, resource by resource, and everything goes again", async () => {
    cloud.world.put({
      ...{ id: zoneId, type: "cloudflare:index/zone:Zone", urn: "", hidden: {}, outputs: {} },
      ...{ inputs: { name: "example.com", plan: "free" }, ready: true },
    });
    const made: CloudResource[] = [];
    for (const { type, name, inputs } of await registered(stack, settings, without)) {
      const wired = wire(made, lastOf(type), name, inputs);
      made.push(await cloud.create(lastOf(type), name, wired, stack));
    }
    expect(made.every(({ ready }) => ready)).toBe(true);
    for (const resource of made.toReversed()) await cloud.delete(resource);
    expect(cloud.world.everything().map(({ id }) => id)).toEqual([zoneId]);
  });
});

describe("what does not run on this machine is said", () => {
  it.each([
    ["Droplet", {}, undefined],
    [
      "Droplet",
      { backups: true, monitoring: true },
      "nothing runs for backups and the metrics agent",
    ],
    ["ReservedIp", {}, undefined],
    ["Firewall", {}, undefined],
    ["SshKey", {}, undefined],
    ["DatabaseCluster", { nodeCount: 1 }, undefined],
    ["DatabaseCluster", { nodeCount: 2 }, "of its 2 nodes the first runs"],
    ["DatabaseUser", {}, undefined],
    ["DatabaseFirewall", {}, "every process of this machine"],
    ["Vpc", {}, "on paper alone"],
    ["SpacesBucket", {}, "nothing stores objects here"],
    ["SpacesKey", {}, "it opens nothing"],
    ["MonitorAlert", {}, "nobody is told"],
    ["UptimeCheck", {}, "nobody is told"],
    ["UptimeAlert", {}, "nobody is told"],
    ["DnsRecord", { type: "CNAME" }, undefined],
    ["DnsRecord", { type: "TXT" }, "no name server"],
    ["Ruleset", { phase: "http_ratelimit" }, undefined],
    [
      "Ruleset",
      { phase: "http_request_firewall_managed" },
      "does not follow the rules of this phase",
    ],
    ["ZoneSetting", { settingId: "ssl" }, undefined],
    ["ZoneSetting", { settingId: "http3" }, "does not act on this setting"],
    ["Command", {}, undefined],
  ])("%s %j", (kind, inputs, said) => {
    const recorded = cloud.recorded(kind, inputs);
    if (said === undefined) expect(recorded).toBeUndefined();
    else expect(recorded).toContain(said);
  });
});

/** The values that a deploy would know by now. */
function wire(made: readonly CloudResource[], type: string, name: string, inputs: Values): Values {
  const one = (wanted: string, prefix = ""): CloudResource => {
    const found = made.find(
      (other) =>
        other.type.endsWith(`:${wanted}`) && other.urn.split("::").at(-1)?.startsWith(prefix),
    );
    if (!found) throw new Error(`${name} needs a ${wanted} ${prefix}`);
    return found;
  };
  const known: Readonly<Record<string, () => unknown>> = {
    vpcUuid: () => one("Vpc").id,
    privateNetworkUuid: () => one("Vpc").id,
    sshKeys: () => [one("SshKey").outputs["fingerprint"]],
    dropletId: () => Number(one("Droplet").id),
    dropletIds: () => [Number(one("Droplet").id)],
    ipAddress: () => one("ReservedIp").outputs["ipAddress"],
    content: () => one("ReservedIp").id,
    clusterId: () => one("DatabaseCluster", name.startsWith("redis") ? "redis" : "postgres").id,
    rules: () => [{ type: "droplet", value: one("Droplet").id }],
    entities: () => [
      String(inputs["type"]).startsWith("v1/dbaas")
        ? one("DatabaseCluster", name.endsWith("redis") ? "redis" : "postgres").id
        : one("Droplet").id,
    ],
    checkId: () =>
      one("UptimeCheck", name.includes("monitoring") ? "uptime-monitoring" : "uptime").id,
    target: () => "http://198.18.0.1/healthz",
    grants: () => [{ bucket: one("SpacesBucket").id, permission: "readwrite" }],
    connection: () => ({
      host: one("ReservedIp").id,
      user: "drops",
      privateKey: keys.privateKey,
    }),
    triggers: () => [one("Droplet").id],
  };
  const filled = Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => {
      const unknown = JSON.stringify(value).includes(unknownText);
      return [key, unknown && known[key] ? known[key]() : replaced(value, "https://example.com/x")];
    }),
  );
  // The committed stack has an example's key; the one here has a private half.
  if (type === "SshKey") return { ...filled, publicKey: keys.publicKey };
  if (type !== "Droplet") return filled;
  const [, data = ""] = keys.publicKey.split(" ");
  return { ...filled, userData: String(filled["userData"]).replace(/AAAAC3\S+/, data) };
}
