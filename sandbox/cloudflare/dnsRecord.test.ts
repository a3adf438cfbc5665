import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cloudflarePlans } from "../../prices/cloudflare";
import { TestCloud, type RefusedCase } from "../digitalocean/testing/testCloud";
import { cloudflare } from ".";

const zoneId = "a".repeat(32);

let cloud: TestCloud;
beforeEach(() => {
  cloud = new TestCloud([cloudflare]);
  putZone("free");
});
afterEach(() => {
  cloud.close();
});

/** As the sandbox puts it there. */
function putZone(plan: string, id = zoneId, name = "example.com"): void {
  cloud.world.put({
    ...{ id, type: "cloudflare:index/zone:Zone", urn: "", inputs: { name, plan } },
    ...{ outputs: {}, hidden: {}, ready: true },
  });
}

const record = { zoneId, name: "drops.example.com", type: "A", content: "198.18.0.1", ttl: 300 };

describe("DnsRecord", () => {
  it("is not proxied unless it says so, and goes with its zone", async () => {
    const made = await cloud.create("DnsRecord", "r", record);
    expect(made.inputs["proxied"]).toBe(false);
    expect(made.outputs).toMatchObject({ proxiable: true });
    const zone = cloud.world.get("cloudflare:index/zone:Zone", zoneId);
    await cloud.delete(zone!);
    expect(cloud.world.everything()).toEqual([]);
  });

  it("can lead elsewhere in place: one CNAME, another content", async () => {
    const cname = { ...record, type: "CNAME", content: "a.example.com", proxied: true, ttl: 1 };
    const made = await cloud.create("DnsRecord", "r", cname);
    const moved = await cloud.update(made, { content: "b.example.com" });
    expect(moved.id).toBe(made.id);
    await expect(cloud.update(moved, { ttl: 60 })).rejects.toThrow("ttl must be set to 1");
  });

  it("is refused in a preview for a type that there is not", () => {
    expect(cloud.preview("DnsRecord", { ...record, type: "B" })).toEqual([
      expect.stringContaining("type: expected one of A, AAAA, CNAME"),
    ]);
    expect(cloud.preview("DnsRecord", { ...record, type: "a", ttl: 7 })).toEqual([]);
  });

  it.each<RefusedCase>([
    { rule: "zone", change: { zoneId: "b".repeat(32) }, message: 'zoneId: there is no Zone "bbb' },
    {
      rule: "name of another zone",
      change: { name: "drops.example.org" },
      message: "takes full names of the zone",
    },
    {
      rule: "short name",
      change: { name: "drops" },
      message: 'such as origin.example.com; got "drops"',
    },
    {
      rule: "ttl",
      change: { ttl: 7 },
      message: "TTL must be between 60 and 86400 seconds, or 1 for Automatic; got 7",
    },
    {
      rule: "ttl of a proxied one",
      change: { proxied: true },
      message: "ttl must be set to 1 when `proxied` is true",
    },
    {
      rule: "proxied text",
      change: { type: "TXT", content: "x", proxied: true, ttl: 1 },
      message: "cannot be proxied",
    },
    { rule: "address", change: { content: "origin.example.com" }, message: "valid IPv4 address" },
    { rule: "IPv6 address", change: { type: "AAAA" }, message: "valid IPv6 address" },
    {
      rule: "CNAME",
      change: { type: "CNAME", content: "https://x" },
      message: "CNAME record is invalid",
    },
  ])("is refused when made: $rule", async ({ change, message }) => {
    await expect(cloud.create("DnsRecord", "r", { ...record, ...change })).rejects.toThrow(message);
  });

  it("is refused beside what stands at the name", async () => {
    await cloud.create("DnsRecord", "r", record);
    const add = async (change: object) =>
      await cloud.create("DnsRecord", "x", { ...record, ...change });
    await expect(add({})).rejects.toMatchObject({ code: 81058 });
    await expect(add({ type: "CNAME", content: "a.example.com" })).rejects.toMatchObject({
      code: 81053,
    });
    await add({ content: "198.18.0.2" });
    await add({ type: "TXT", content: "text" });
    await add({ name: "alias.example.com", type: "CNAME", content: "a.example.com" });
    await expect(add({ name: "alias.example.com" })).rejects.toMatchObject({ code: 81053 });
  });

  it("is one of as many as the plan has", async () => {
    for (let count = 0; count < cloudflarePlans.free.dnsRecords; count += 1) {
      cloud.world.put({
        ...{ id: `r${count}`, type: "cloudflare:index/dnsRecord:DnsRecord", urn: "" },
        ...{
          inputs: { ...record, name: `${count}.example.com` },
          outputs: {},
          hidden: {},
          ready: true,
        },
      });
    }
    await expect(cloud.create("DnsRecord", "r", record)).rejects.toThrow("the zone may have 200");
  });
});

describe("ZoneSetting", () => {
  it("takes what the edge understands, from several stacks, and other settings as they are", async () => {
    const set = async (settingId: string, value: unknown) =>
      await cloud.create("ZoneSetting", "s", { zoneId, settingId, value });
    await set("ssl", "strict");
    await set("ssl", "full");
    await set("browser_cache_ttl", 14_400);
    await expect(set("min_tls_version", "1.4")).rejects.toThrow(
      'Invalid value for zone setting min_tls_version: "1.4"; allowed: 1.0, 1.1, 1.2, 1.3',
    );
    await expect(
      cloud.create("ZoneSetting", "s", { zoneId: "x", settingId: "ssl", value: "full" }),
    ).rejects.toThrow('there is no Zone "x"');
  });
});
