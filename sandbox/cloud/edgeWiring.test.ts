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

type Needs = Parameters<typeof edgeOptions>[0];

const options = (
  apps?: Needs["apps"],
  balancer?: ReturnType<NonNullable<Needs["containers"]>["balancerTarget"]>,
) =>
  edgeOptions({
    containers: { balancerTarget: () => balancer },
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

describe("distributions and balancers", () => {
  const local = { host: "127.0.0.1", port: 4_712, tls: true } as const;
  const put = (type: string, id: string, inputs: object, outputs: object = {}) => {
    cloud.world.put({
      ...{ id, type, urn: "", hidden: {}, ready: true },
      ...{ inputs: { ...inputs }, outputs: { ...outputs } },
    });
  };
  const rule = (changes: object) => {
    put("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "rule", {
      ...{ securityGroupId: "sg-1", ipProtocol: "tcp", fromPort: 443, toPort: 443, ...changes },
    });
  };
  const balancer = (internal: boolean) => {
    const inputs = { internal, securityGroups: ["sg-1"], subnets: ["s"], region: "eu-central-1" };
    const dnsName = "drops-1.eu-central-1.elb.amazonaws.com";
    put("aws:lb/loadBalancer:LoadBalancer", "lb", inputs, { arn: "arn:lb", dnsName });
    put("aws:ec2/subnet:Subnet", "s", { cidrBlock: "10.130.0.0/24" });
    return {
      name: dnsName,
      named: (port = 443) => options(undefined, local).named?.(dnsName, port),
    };
  };

  it("lead Cloudflare to a public balancer whose groups admit it, by its name", () => {
    const { named } = balancer(false);
    expect(options(undefined, local).named?.("other.amazonaws.com", 443)).toBeUndefined();
    expect(named()).toBe("firewall");
    rule({ cidrIpv4: "162.158.0.0/15" });
    expect(named()).toEqual({ host: "127.0.0.1", port: 4_712 });
    expect(named(80)).toBe("firewall");
    expect(options().named?.("drops-1.eu-central-1.elb.amazonaws.com", 443)).toBe("nobody-listens");
    expect(balancer(true).named()).toBe("no-such-address");
  });

  it.each([
    [{ prefixListId: "pl-a3a144ca" }, true],
    [{ prefixListId: "pl-3b927c52" }, false],
    [{ cidrIpv4: "10.130.0.0/16" }, true],
    [{ cidrIpv4: "162.158.0.0/15" }, false],
    [{ prefixListId: "pl-a3a144ca", fromPort: 80, toPort: 80 }, false],
  ])("let CloudFront in to a balancer inside by the rule %j: %s", (given, isLetIn) => {
    balancer(true);
    rule(given);
    put("aws:cloudfront/vpcOrigin:VpcOrigin", "vo_1", {
      vpcOriginEndpointConfig: {
        ...{ arn: "arn:lb", httpPort: 80, httpsPort: 443, originProtocolPolicy: "https-only" },
      },
    });
    const name = "d1.cloudfront.net.localhost";
    const behavior = {
      targetOriginId: "app",
      viewerProtocolPolicy: "allow-all",
      cachePolicyId: "x",
    };
    put(
      ...(["aws:cloudfront/distribution:Distribution", "E1"] as const),
      {
        ...{ enabled: true, viewerCertificate: {}, defaultCacheBehavior: behavior },
        origins: [{ originId: "app", domainName: "a", vpcOriginConfig: { vpcOriginId: "vo_1" } }],
      },
      { domainName: name },
    );
    const { distributions, onThisMachine } = options(undefined, local);
    const [seen] = distributions?.() ?? [];
    expect(seen?.origins[0]?.reach(443)).toEqual(
      isLetIn ? { host: "127.0.0.1", port: 4_712 } : "firewall",
    );
    expect(onThisMachine?.(`https://${name}/a`)).toBe(`https://${name}:2/a`);
  });
});
