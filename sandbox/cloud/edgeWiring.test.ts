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

const options = (apps?: Parameters<typeof edgeOptions>[0]["apps"]) =>
  edgeOptions({
    ...{ world: cloud.world, hosts: { ports: () => undefined }, ports: { http: 1, https: 2 } },
    authority: { certificate: "", issue: () => Promise.reject(new Error("not here")) },
    log: () => undefined,
    apps,
  });
const zone = () => options().zones()[0];

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

describe("snippets in the edge's view", () => {
  const code = "export default { fetch: (request) => fetch(request) };";
  const snippet = {
    ...{ zoneId, snippetName: "one", metadata: { mainModule: "main.js" } },
    files: [
      { name: "other.js", content: "export default 1;" },
      { name: "main.js", content: code },
    ],
  };

  it("are main modules by name, with their rules and what the plan grants", async () => {
    expect(zone()).toMatchObject({ rulesets: [], snippets: {}, snippetSubrequests: 0 });
    const plan = { zoneId, ratePlan: { id: "pro" }, frequency: "monthly" };
    await cloud.create("ZoneSubscription", "plan", plan);
    await cloud.create("Snippet", "s", snippet);
    const rules = [{ snippetName: "one", expression: "true", enabled: true }];
    await cloud.create("SnippetRules", "r", { zoneId, rules });
    expect(zone()).toMatchObject({
      rulesets: [{ phase: "http_request_snippets", rules }],
      snippets: { one: code },
      snippetSubrequests: 2,
    });
  });
});

describe("App Platform's names", () => {
  const host = "drops-medium-x7k2p.ondigitalocean.app.localhost";
  const local = { host: "127.0.0.1", port: 4_711 } as const;

  it("are none where no platform runs", () => {
    expect(options().platformApp?.(host)).toBeUndefined();
  });

  it("lead to an app, or to nobody where none of its instances runs", () => {
    const { platformApp, onThisMachine } = options({
      ingress: (name) => (name === host ? local : undefined),
    });
    expect(platformApp?.(host)).toEqual(local);
    expect(platformApp?.("other.ondigitalocean.app.localhost")).toBeUndefined();
    // Of its own port, which is not the one that a browser takes for granted.
    expect(onThisMachine?.(`https://${host}/a`)).toBe(`https://${host}:2/a`);
    expect(onThisMachine?.("https://drops.example.com/")).toBe("https://drops.example.com:2/");
    expect(onThisMachine?.("https://elsewhere.test/")).toBe("https://elsewhere.test/");
    cloud.world.put({
      ...{ id: "app", type: "digitalocean:index/app:App", urn: "", inputs: {}, hidden: {} },
      ...{ outputs: { defaultIngress: "https://down.ondigitalocean.app.localhost" }, ready: true },
    });
    expect(platformApp?.("down.ondigitalocean.app.localhost")).toBe("nobody-listens");
  });
});
