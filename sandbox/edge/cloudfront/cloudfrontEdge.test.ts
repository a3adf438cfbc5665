import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect } from "node:tls";
import { cloudflareIpRanges } from "../../../components/network/cloudflareRanges";
import {
  alias,
  cdnName,
  DistributionFixture,
  keeping,
  originAlias,
  passing,
  zoneBefore,
} from "../testing/distributionFixture";
import { withSnippets } from "../testing/edgeFixture";
import { echoWebsockets, open, until } from "../testing/websocketClient";
import { cloudflareEdgeAddress } from "./fromCloudflare";
import type { WebAcl } from "./webAcl";

let cdn: DistributionFixture;
beforeEach(async () => {
  cdn = await DistributionFixture.open();
});
afterEach(async () => {
  await cdn.close();
});

const host = alias;

describe("a distribution behind Cloudflare's proxy", () => {
  it("gets what visitors of the public name ask, and hands it on to the balancer", async () => {
    cdn.answer = (request, response) => {
      request.on("end", () => response.end(`${request.method} ${request.url}`)).resume();
    };
    const answer = await cdn.edge.ask("/a?b=1", { host, method: "POST", body: "text" });
    expect([answer.status, answer.body]).toEqual([200, "POST /a?b=1"]);
    expect(answer.headers).toMatchObject({
      server: "cloudflare",
      "x-cache": "Miss from cloudfront",
      via: "1.1 d1234567890abc.cloudfront.net (CloudFront)",
    });
  });

  it("tells the balancer who came how, by Cloudflare and by CloudFront", async () => {
    const headers = { "x-forwarded-for": "6.6.6.6", "x-real-ip": "6.6.6.6", "x-amz-cf-id": "mine" };
    await cdn.edge.ask("/", { host, headers, from: "127.0.0.9" });
    const seen = cdn.seen[0]!.headers;
    expect(seen).toMatchObject({
      host: alias,
      "cf-connecting-ip": "127.0.0.9",
      "x-forwarded-for": `6.6.6.6, 127.0.0.9, ${cloudflareEdgeAddress}`,
      via: "1.1 d1234567890abc.cloudfront.net (CloudFront)",
    });
    expect(seen["x-amz-cf-id"]).not.toBe("mine");
    // CloudFront's own, and none that a visitor could have written.
    for (const name of ["x-real-ip", "x-forwarded-proto"]) expect(seen).not.toHaveProperty(name);
  });

  it("comes from an address that Cloudflare has published", () => {
    expect(cloudflareIpRanges.ipv4).toContain("162.158.0.0/15");
    expect(cloudflareEdgeAddress).toMatch(/^162\.15[89]\./);
  });

  it("is not reached where CloudFront's certificate does not cover the name", async () => {
    cdn.change = { certificateNames: ["other.example.com"] };
    expect((await cdn.edge.ask("/", { host })).status).toBe(526);
    // CloudFront's own covers what the record leads to, which Cloudflare takes; CloudFront wants an alias.
    cdn.change = { certificateNames: [originAlias], aliases: [originAlias] };
    const answer = await cdn.edge.ask("/", { host });
    expect([answer.status, answer.headers["x-cache"]]).toEqual([403, "Error from cloudfront"]);
    expect(cdn.seen).toEqual([]);
  });

  it("is an origin that cannot be found where it is gone, or disabled", async () => {
    cdn.change = { enabled: false };
    expect((await cdn.edge.ask("/", { host })).status).toBe(403);
    cdn.edge.zones = [zoneBefore("d0000000000000.cloudfront.net.localhost")];
    expect((await cdn.edge.ask("/", { host })).status).toBe(530);
  });

  it("is asked by a snippet of the zone too, under the name that leads there", async () => {
    const code = `export default { fetch: (request) =>
      fetch(new Request("https://${originAlias}/from-snippet", request)) };`;
    cdn.edge.zones = [withSnippets(zoneBefore(cdnName), { one: code })];
    cdn.originChange = { domainName: alias };
    const answer = await cdn.edge.ask("/", { host });
    expect([answer.status, answer.headers["x-cache"]]).toEqual([200, "Miss from cloudfront"]);
    expect(cdn.seen[0]).toMatchObject({ url: "/from-snippet", headers: { host: originAlias } });
    expect(cdn.seen[0]!.headers["x-forwarded-for"]).toContain(cloudflareEdgeAddress);
  });

  it("passes websockets through both edges", async () => {
    const upgraded = echoWebsockets(cdn.server);
    const { socket, head } = await open(cdn.edge, "/ws", { host });
    socket.write("again");
    expect((await until(socket, 10, head)).toString()).toBe("helloagain");
    expect(upgraded[0]!.request.headers["cf-connecting-ip"]).toBe("127.0.0.1");
    expect(cdn.edge.running.stats().websockets).toBeGreaterThan(0);
    socket.destroy();
  });
});

describe("a distribution itself", () => {
  it("answers under its own name, and sends plain HTTP to the port that it has here", async () => {
    cdn.originChange = { domainName: alias };
    cdn.behave({
      originRequest: {
        ...passing.originRequest!,
        headers: { behavior: "allExcept", items: ["Host"] },
      },
    });
    const answer = await cdn.edge.ask("/", { host: cdnName });
    expect([answer.status, answer.body]).toEqual([200, "app"]);
    expect(cdn.seen[0]!.headers).toMatchObject({ host: alias, "x-forwarded-for": "127.0.0.1" });
    const plain = await cdn.edge.ask("/a?b=1", { host: cdnName, secure: false });
    expect([plain.status, plain.headers.location, plain.headers["x-cache"]]).toEqual([
      301,
      `https://${cdnName}:8443/a?b=1`,
      "Redirect from cloudfront",
    ]);
    const posted = await cdn.edge.ask("/a", { host: cdnName, secure: false, method: "POST" });
    expect(posted.status).toBe(307);
  });

  it("shows its certificate for an alias, and its own for its own name", async () => {
    const shown = async (servername: string) =>
      await new Promise<string | undefined>((resolve, reject) => {
        const socket = connect({ ...cdn.edge.connection({ host: servername }) }, () => {
          resolve(socket.getPeerCertificate().subjectaltname);
          socket.destroy();
        });
        socket.once("error", reject);
      });
    expect(await shown(cdnName)).toContain("DNS:*.cloudfront.net.localhost");
    expect(await shown(originAlias)).toBe(`DNS:${alias}, DNS:${originAlias}`);
    // Cloudflare's, since the public record is proxied.
    expect(await shown(alias)).toBe("DNS:example.com, DNS:*.example.com");
    await expect(shown("d0000000000000.cloudfront.net.localhost")).rejects.toThrow();
  });

  it("is reached by a name of a domain that nobody here manages", async () => {
    cdn.edge.zones = [];
    expect((await cdn.edge.ask("/", { host: alias })).headers["x-cache"]).toBe(
      "Miss from cloudfront",
    );
    // In a zone that has no such record nobody finds it.
    cdn.edge.zones = [{ ...zoneBefore(cdnName), records: [] }];
    expect((await cdn.edge.ask("/", { host: alias })).status).toBe(409);
  });

  it("takes the methods of the behavior alone", async () => {
    const answer = await cdn.edge.ask("/assets/a.js", { host: originAlias, method: "POST" });
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("not configured to allow the HTTP request method");
    expect(cdn.seen).toEqual([]);
  });

  it("takes the first behavior whose pattern holds", async () => {
    cdn.change = {
      behaviors: [
        { ...keeping, pathPattern: "img/*.jp?", allowedMethods: ["GET", "HEAD"] },
        passing,
      ],
    };
    const put = async (path: string) =>
      (await cdn.edge.ask(path, { host: originAlias, method: "PUT" })).status;
    expect(await put("/img/a/b.jpg")).toBe(403);
    expect(await put("/img/a.jpeg")).toBe(200);
    expect(await put("/IMG/a.jpg")).toBe(200);
  });
});

describe("a web ACL", () => {
  const only = (networks: readonly string[]): WebAcl => ({
    ...{ id: "acl", blocksByDefault: false },
    rules: [
      {
        ...{ name: "only-cloudflare", priority: 0, action: "block" },
        statement: { kind: "not", of: { kind: "addresses", networks } },
      },
    ],
  });

  it("lets Cloudflare's proxies in, and nobody who goes round them", async () => {
    cdn.change = { webAcl: only(cloudflareIpRanges.ipv4) };
    cdn.originChange = { domainName: alias };
    expect((await cdn.edge.ask("/", { host: alias })).status).toBe(200);
    for (const name of [originAlias, cdnName]) {
      const answer = await cdn.edge.ask("/", { host: name });
      expect([answer.status, answer.body.includes("Request blocked.")]).toEqual([403, true]);
    }
    expect(cdn.seen).toHaveLength(1);
  });

  it("counts visitors by the header that Cloudflare writes, and lets them in again", async () => {
    const forwarded = { header: "CF-Connecting-IP", position: "FIRST", fallback: "MATCH" } as const;
    cdn.change = {
      errorTtls: { 403: 0 },
      webAcl: {
        ...{ id: "acl", blocksByDefault: false },
        rules: [
          {
            ...{ name: "rate-limit", priority: 0, action: "block" },
            statement: {
              ...{ kind: "rate", limit: 10, windowSeconds: 60 },
              keys: [{ kind: "forwarded", forwarded }],
            },
          },
        ],
      },
    };
    const ask = async (from: string) => (await cdn.edge.ask("/", { host: alias, from })).status;
    for (let count = 0; count < 10; count += 1) expect(await ask("127.0.0.8")).toBe(200);
    expect(await ask("127.0.0.8")).toBe(403);
    expect(await ask("127.0.0.9")).toBe(200);
    expect(cdn.edge.running.stats().blocked).toBe(1);
    cdn.edge.now += 70_000;
    expect(await ask("127.0.0.8")).toBe(200);
  });

  it("answers with what it has of its own", async () => {
    const answer = {
      status: 429,
      headers: { "x-amzn-waf-reason": "rate" },
      body: { type: "application/json", content: "{}" },
    };
    cdn.change = { webAcl: { id: "acl", blocksByDefault: true, defaultAnswer: answer, rules: [] } };
    const { status, headers, body } = await cdn.edge.ask("/", { host: originAlias });
    expect([status, headers["x-amzn-waf-reason"], headers["content-type"], body]).toEqual([
      ...[429, "rate", "application/json", "{}"],
    ]);
  });
});

describe("a distribution before a balancer without TLS", () => {
  it("asks it in plain HTTP, with the viewer's address as the last but the balancer's", async () => {
    const plain = await DistributionFixture.open({ tls: false });
    try {
      plain.edge.zones = [];
      const answer = await plain.edge.ask("/", { host: cdnName });
      expect([answer.status, answer.body]).toEqual([200, "app"]);
      expect(plain.seen[0]!.headers).toMatchObject({
        host: cdnName,
        "x-forwarded-for": "127.0.0.1",
      });
    } finally {
      await plain.close();
    }
  });
});
