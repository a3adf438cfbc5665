import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cloudflare } from "../cloudflare";
import { TestCloud } from "../digitalocean/testing/testCloud";
import { edgeOptions } from "./edgeWiring";

const zoneId = "a".repeat(32);

let cloud: TestCloud;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  cloud = new TestCloud([cloudflare]);
  cloud.world.put({
    ...{ id: zoneId, type: "cloudflare:index/zone:Zone", urn: "", outputs: {}, hidden: {} },
    ...{ inputs: { name: "example.com", plan: "free" }, ready: true },
  });
});
afterEach(() => {
  cloud.close();
  vi.useRealTimers();
});

const zone = () => {
  const options = edgeOptions({
    ...{ world: cloud.world, hosts: { ports: () => undefined }, ports: { http: 1, https: 2 } },
    authority: { certificate: "", issue: () => Promise.reject(new Error("not here")) },
    log: () => undefined,
  });
  return options.zones()[0];
};

describe("the edge's view of a zone", () => {
  it("has a record's type as the edge compares it, however the program wrote it", async () => {
    const record = {
      zoneId,
      name: "drops.example.com",
      type: "a",
      content: "198.18.0.1",
      ttl: 300,
    };
    await cloud.create("DnsRecord", "r", record);
    expect(zone()?.records).toMatchObject([{ name: "drops.example.com", type: "A" }]);
  });

  it("has of a setting what was written last, by whichever stack", async () => {
    const set = async (value: string) => {
      vi.advanceTimersByTime(1_000);
      return await cloud.create("ZoneSetting", "s", { zoneId, settingId: "ssl", value });
    };
    const first = await set("strict");
    await set("full");
    expect(zone()?.settings).toEqual({ ssl: "full" });
    vi.advanceTimersByTime(1_000);
    await cloud.update(first, { value: "flexible" });
    expect(zone()?.settings).toEqual({ ssl: "flexible" });
  });
});
