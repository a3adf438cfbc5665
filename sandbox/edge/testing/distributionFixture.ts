import http, { type IncomingHttpHeaders, type RequestListener } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { cachePolicyIds, originRequestPolicyIds } from "../../../prices/aws";
import { managedCachePolicies, managedOriginRequestPolicies } from "../../aws/edge/managedPolicies";
import type { LoopbackTarget, Unreachable } from "../../contracts";
import type { Behavior, CdnOrigin, Distribution } from "../cloudfront/types";
import type { ZoneView } from "../types";
import { EdgeFixture } from "./edgeFixture";

export const cdnName = "d1234567890abc.cloudfront.net.localhost";
export const alias = "drops.example.com";
export const originAlias = "origin-large.example.com";
export const balancerName = "internal-drops-1.eu-central-1.elb.amazonaws.com";

/** A request as the origin saw it. */
export interface SeenByOrigin {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const cachePolicy = (name: keyof typeof cachePolicyIds) => {
  const found = managedCachePolicies.get(cachePolicyIds[name]);
  if (!found) throw new Error(`no policy ${name}`);
  return found;
};
const allViewer = managedOriginRequestPolicies.get(originRequestPolicyIds.AllViewer);
const hostOnly = managedOriginRequestPolicies.get(originRequestPolicyIds.HostHeaderOnly);

/** The default behavior of the large tier: nothing is kept, everything is passed on. */
export const passing: Behavior = {
  ...{ pathPattern: "*", originId: "app", viewerProtocolPolicy: "redirect-to-https" },
  allowedMethods: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
  ...{ cachedMethods: ["GET", "HEAD"], compress: true },
  cache: cachePolicy("CachingDisabled"),
  ...(allViewer && { originRequest: allViewer }),
};

/** Its assets: kept for as long as the answer says. */
export const keeping: Behavior = {
  ...{ ...passing, pathPattern: "/assets/*", allowedMethods: ["GET", "HEAD"] },
  cache: { ...cachePolicy("CachingOptimized"), id: "assets", minTtl: 0, defaultTtl: 0 },
  ...(hostOnly && { originRequest: hostOnly }),
};

/** A distribution before a balancer, which a test may change in flight, and a visitor before both. */
export class DistributionFixture {
  readonly seen: SeenByOrigin[] = [];
  /** How the balancer answers. */
  answer: RequestListener = (_, response) => response.end("app");
  /** Where the balancer is; a test may take it away. */
  target: LoopbackTarget | Unreachable | undefined;
  change: Partial<Distribution> = {};
  originChange: Partial<CdnOrigin> = {};
  server!: http.Server;

  private constructor(readonly edge: EdgeFixture) {}

  static async open({ tls = true } = {}): Promise<DistributionFixture> {
    const fixtures: DistributionFixture[] = [];
    const edge = await EdgeFixture.open({
      distributions: () => fixtures.map(({ distribution }) => distribution),
      onThisMachine: (location) => location.replace(cdnName, `${cdnName}:8443`),
    });
    const fixture = new DistributionFixture(edge);
    fixtures.push(fixture);
    const listener: RequestListener = (request, response) => {
      const { method = "", url = "", headers } = request;
      fixture.seen.push({ method, url, headers });
      fixture.answer(request, response);
    };
    const { key, certificate } = await edge.authority.issue([alias, originAlias]);
    const server = tls
      ? https.createServer({ key, cert: certificate }, listener)
      : http.createServer(listener);
    fixture.server = server;
    await edge.serve("192.0.2.99:443", server);
    const { port } = server.address() as AddressInfo;
    fixture.target = { host: "127.0.0.1", port };
    if (!tls) fixture.originChange = { protocolPolicy: "http-only" };
    edge.zones = [zoneBefore(cdnName)];
    return fixture;
  }

  get distribution(): Distribution {
    return {
      ...{ id: "E123", domainName: cdnName, aliases: [alias, originAlias], enabled: true },
      certificateNames: [alias, originAlias],
      behaviors: [keeping, passing],
      origins: [this.origin],
      errorTtls: {},
      ...this.change,
    };
  }

  private get origin(): CdnOrigin {
    return {
      ...{ id: "app", domainName: balancerName, path: "", protocolPolicy: "https-only" },
      ...{ httpPort: 80, httpsPort: 443, customHeaders: {} },
      ...{ connectionTimeout: 10, connectionAttempts: 3, readTimeout: 30 },
      reach: () => this.target,
      ...this.originChange,
    };
  }

  /** Sets what one behavior does otherwise. */
  behave(changes: Partial<Behavior>, of: "passing" | "keeping" = "passing"): void {
    const changed = { ...(of === "passing" ? passing : keeping), ...changes };
    this.change = {
      ...this.change,
      behaviors: of === "passing" ? [keeping, changed] : [changed, passing],
    };
  }

  async close(): Promise<void> {
    await this.edge.close();
  }
}

/** A zone whose public name leads through Cloudflare's proxy to CloudFront, as the stacks make it. */
export function zoneBefore(end: string): ZoneView {
  const record = (name: string, content: string, proxied: boolean) => ({
    ...{ name, type: "CNAME", content, proxied },
  });
  return {
    ...{ id: "zone", name: "example.com", settings: { ssl: "strict" }, rulesets: [] },
    records: [record(alias, originAlias, true), record(originAlias, end, false)],
  };
}
