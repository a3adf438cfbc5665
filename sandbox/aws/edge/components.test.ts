import { createServer, request as secureRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Certificate } from "../../../components/cdn/certificate";
import { CloudFront, type CloudFrontSpec } from "../../../components/cdn/cloudfront";
import { Waf } from "../../../components/cdn/waf";
import { SiteCheck } from "../../../components/alarms/siteCheck";
import { openAuthority } from "../../certificates";
import { edgeOptions } from "../../cloud/edgeWiring";
import { startEdge, type Edge } from "../../edge";
import { deployProgram } from "../testing/deployProgram";
import { newEdgePlace, zoneId, type EdgePlace } from "./testing/edgePlace";

const domain = "drops.example.com";
const originName = "origin-large.example.com";

let place: EdgePlace;
beforeEach(async () => {
  place = await newEdgePlace();
});
afterEach(() => {
  place.cloud.close();
});

const spec: Omit<CloudFrontSpec, "aliases" | "originTls"> = {
  ...{ name: "drops-large", comment: "drops-large: the app" },
  minTls: "TLSv1.2_2021",
  priceClass: "PriceClass_100",
  ...{ hstsMaxAgeSeconds: 86_400, httpPort: 80, httpsPort: 443 },
};

const wafSpec = {
  name: "drops-large",
  rateLimit: { requestsPerPeriod: 200, periodSeconds: 60 },
  managedGroups: ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"],
} as const;

/** The edge of the large tier as its components register it. */
async function withDomain(): Promise<string> {
  const { balancer } = place;
  return await deployProgram(place.cloud, () => {
    const certificate = new Certificate("certificate", {
      spec: { domain, alternativeNames: [originName], region: "us-east-1", zoneId },
    });
    new Certificate("balancer-certificate", {
      spec: { domain, alternativeNames: [originName], zoneId },
      validateWith: certificate,
    });
    const waf = new Waf("waf", { spec: { ...wafSpec, behindCloudflare: true } });
    const cdn = new CloudFront("cdn", {
      spec: { ...spec, aliases: [domain, originName], originTls: true },
      balancerArn: String(balancer.outputs["arn"]),
      balancerDnsName: String(balancer.outputs["dnsName"]),
      certificateArn: certificate.arn,
      webAclArn: waf.arn,
    });
    return cdn.domainName;
  });
}

describe("what the components register", () => {
  it("is taken, with a domain at Cloudflare", async () => {
    expect(await withDomain()).toMatch(/^d[0-9a-f]{13}\.cloudfront\.net\.localhost$/);
    const records = place.cloud.world.all("cloudflare:index/dnsRecord:DnsRecord");
    expect(records).toHaveLength(2);
    expect(place.cloud.world.all("aws:acm/certificate:Certificate")).toHaveLength(2);
  });

  it("is taken, without one", async () => {
    const { balancer } = place;
    const url = await deployProgram(place.cloud, () => {
      const waf = new Waf("waf", { spec: { ...wafSpec, behindCloudflare: false } });
      return new CloudFront("cdn", {
        spec: { ...spec, aliases: [], originTls: false },
        balancerArn: String(balancer.outputs["arn"]),
        balancerDnsName: String(balancer.outputs["dnsName"]),
        webAclArn: waf.arn,
      }).publicUrl;
    });
    expect(url).toMatch(/^https:\/\/d[0-9a-f]{13}\.cloudfront\.net\.localhost$/);
    await deployProgram(place.cloud, () => {
      const given = { title: "Drops", tls: true, path: "/readyz" };
      return new SiteCheck("site", { spec: given, host: new URL(url).host }).healthCheckId;
    });
  });
});

describe("a request through all of it", () => {
  let directory: string;
  let edge: Edge | undefined;
  let close: (() => void) | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "drops-large-edge-"));
  });
  afterEach(async () => {
    await edge?.stop();
    close?.();
    rmSync(directory, { recursive: true });
  });

  it("arrives at the balancer, past certificates, ACL, policies and security group", async () => {
    const name = await withDomain();
    const { cloud } = place;
    const record = (recordName: string, content: string, proxied: boolean) => ({
      ...{ zoneId, name: recordName, type: "CNAME", content, ttl: proxied ? 1 : 300, proxied },
    });
    await cloud.create("DnsRecord", "origin", record(originName, name, false));
    await cloud.create("DnsRecord", "public", record(domain, originName, true));
    await cloud.create("ZoneSetting", "ssl", { zoneId, settingId: "ssl", value: "strict" });
    const authority = await openAuthority(directory, "Sandbox");
    const { key, certificate } = await authority.issue([domain, originName]);
    const seen: unknown[] = [];
    const server = createServer({ key, cert: certificate }, (request, response) => {
      seen.push(request.headers["cf-connecting-ip"], request.headers["x-forwarded-for"]);
      response.end(`${request.headers.host ?? ""} ${request.url ?? ""}`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    close = () => server.close();
    const { port } = server.address() as AddressInfo;
    const asked: unknown[] = [];
    const options = edgeOptions({
      ...{ world: cloud.world, hosts: { ports: () => undefined }, authority },
      ...{ ports: { http: 0, https: 0 }, log: () => undefined },
      containers: {
        balancerTarget: (...args) => {
          asked.push(args);
          return { host: "127.0.0.1", port, tls: true };
        },
      },
    });
    edge = await startEdge(options);
    const started = edge;
    const ask = async (host: string) =>
      await new Promise<{ status: number; body: string; headers: object }>((resolve, reject) => {
        const request = secureRequest({
          ...{ host: "127.0.0.1", port: started.ports.https, servername: host, path: "/a?b=1" },
          ...{ ca: authority.certificate, agent: false, headers: { host } },
        });
        request.on("error", reject).on("response", (response) => {
          let body = "";
          response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
          response.on("end", () => {
            resolve({ status: response.statusCode ?? 0, body, headers: response.headers });
          });
        });
        request.end();
      });
    const answer = await ask(domain);
    expect([answer.status, answer.body]).toEqual([200, `${domain} /a?b=1`]);
    expect(answer.headers).toMatchObject({
      "strict-transport-security": "max-age=86400",
      "x-frame-options": "SAMEORIGIN",
    });
    expect(seen).toEqual(["127.0.0.1", "127.0.0.1, 162.158.0.1"]);
    expect(asked).toEqual([[place.balancer.outputs["arn"], 443]]);
    // Who goes round Cloudflare is blocked by the ACL that the component made.
    expect((await ask(originName)).status).toBe(403);
    expect((await ask(name)).status).toBe(403);
    // And without the rule that admits CloudFront nothing arrives.
    const [rule] = cloud.world.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    await cloud.delete(rule!);
    expect((await ask(domain)).status).toBe(504);
  });
});
