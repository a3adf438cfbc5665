import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  alias,
  balancerName,
  cdnName,
  DistributionFixture,
  originAlias,
  passing,
} from "../testing/distributionFixture";

let cdn: DistributionFixture;
beforeEach(async () => {
  cdn = await DistributionFixture.open();
});
afterEach(async () => {
  await cdn.close();
});

describe("headers to the origin", () => {
  const from = { host: originAlias } as const;

  it("are few where the policies pick few", async () => {
    const headers = {
      ...{ authorization: "Bearer a", cookie: "a=1", "x-own": "1", "accept-language": "de" },
      ...{ "user-agent": "browser", "accept-encoding": "br;q=1, gzip, deflate" },
    };
    await cdn.edge.ask("/assets/a.js?v=1", { ...from, headers });
    const [seen] = cdn.seen;
    expect(seen!.url).toBe("/assets/a.js");
    expect(seen!.headers).toMatchObject({
      ...{ host: originAlias, "user-agent": "Amazon CloudFront", "accept-encoding": "br,gzip" },
    });
    for (const name of ["authorization", "cookie", "x-own", "accept-language"]) {
      expect(seen!.headers).not.toHaveProperty(name);
    }
  });

  it("are all where a policy picks all, and those that CloudFront writes where one lists them", async () => {
    const headers = {
      authorization: "Bearer a",
      cookie: "a=1; b=2",
      "cloudfront-forwarded-proto": "x",
    };
    await cdn.edge.ask("/?b=1&a=2", { ...from, headers });
    expect(cdn.seen[0]).toMatchObject({
      url: "/?b=1&a=2",
      headers: { authorization: "Bearer a", cookie: "a=1; b=2" },
    });
    expect(cdn.seen[0]!.headers).not.toHaveProperty("cloudfront-forwarded-proto");
    const listed = {
      behavior: "allViewerAndWhitelistCloudFront",
      items: ["CloudFront-Forwarded-Proto"],
    } as const;
    cdn.behave({ originRequest: { ...passing.originRequest!, headers: listed } });
    await cdn.edge.ask("/", { ...from, headers });
    expect(cdn.seen[1]!.headers["cloudfront-forwarded-proto"]).toBe("https");
  });

  it("have the origin's own ones, its path, and the root object", async () => {
    cdn.originChange = { customHeaders: { "X-Origin-Secret": "s3cret" }, path: "/v2" };
    cdn.change = { defaultRootObject: "index.html" };
    await cdn.edge.ask("/", { ...from, headers: { "x-origin-secret": "guessed" } });
    expect(cdn.seen[0]).toMatchObject({
      url: "/v2/index.html",
      headers: { "x-origin-secret": "s3cret" },
    });
  });
});

describe("answers' headers", () => {
  it("are the policy's, over the origin's where it says so", async () => {
    const policy = {
      set: [
        { name: "X-Frame-Options", value: "SAMEORIGIN", override: false },
        { name: "X-Content-Type-Options", value: "nosniff", override: true },
      ],
      remove: ["X-Powered-By"],
    };
    cdn.behave({ responseHeaders: policy });
    cdn.answer = (_, response) => {
      response.setHeader("x-frame-options", "DENY").setHeader("x-content-type-options", "none");
      response.setHeader("x-powered-by", "me").setHeader("server", "app").end();
    };
    const { headers } = await cdn.edge.ask("/", { host: alias });
    expect(headers).toMatchObject({
      "x-frame-options": "DENY",
      "x-content-type-options": "nosniff",
    });
    expect(headers).not.toHaveProperty("x-powered-by");
  });
});

describe("what the origin's certificate must hold", () => {
  it("is the host that is asked for, or the origin's name", async () => {
    cdn.change = { errorTtls: { 502: 0 } };
    expect((await cdn.edge.ask("/", { host: cdnName })).status).toBe(502);
    cdn.originChange = { domainName: alias };
    expect((await cdn.edge.ask("/", { host: cdnName })).status).toBe(200);
  });
});

describe("an origin that cannot be reached", () => {
  const ask = async () => await cdn.edge.ask("/", { host: alias });
  beforeEach(() => {
    // So that no test waits until an error is forgotten.
    cdn.change = { errorTtls: { 502: 0, 504: 0 } };
  });

  it.each([
    ["nobody-listens", 502, "able to connect to the origin"],
    ["firewall", 504, "attempted to establish a connection with the origin"],
    [undefined, 502, "able to resolve the origin domain name"],
    [{ host: "127.0.0.1", port: 1 }, 502, "able to connect to the origin"],
  ] as const)("%j is %i in CloudFront's words", async (target, status, words) => {
    cdn.target = target;
    const answer = await ask();
    expect([answer.status, answer.headers["x-cache"]]).toEqual([status, "Error from cloudfront"]);
    expect(answer.body).toContain(words);
    expect(cdn.edge.log.at(-1)).toMatch(new RegExp(`^cloudfront: ${alias}/: ${status}`));
  });

  it("is 504 where it does not answer in time, and 502 where it hangs up", async () => {
    cdn.originChange = { readTimeout: 0.05 };
    cdn.answer = () => undefined;
    expect((await ask()).status).toBe(504);
    cdn.answer = (request) => request.socket.destroy();
    expect((await ask()).status).toBe(502);
  });

  it("is 502 where it speaks plain HTTP and TLS was agreed", async () => {
    const plain = createServer((_, response) => response.end());
    await cdn.edge.serve("192.0.2.50:80", plain);
    cdn.target = { host: "127.0.0.1", port: (plain.address() as AddressInfo).port };
    expect((await ask()).status).toBe(502);
    cdn.originChange = { protocolPolicy: "http-only" };
    expect((await ask()).status).toBe(200);
  });

  it("does not go round its certificate", async () => {
    cdn.originChange = { domainName: balancerName };
    const { key, certificate } = await cdn.edge.authority.issue(["other.example.com"]);
    const server = createSecureServer({ key, cert: certificate }, (_, response) => response.end());
    await cdn.edge.serve("192.0.2.51:443", server);
    cdn.target = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
    expect((await ask()).status).toBe(502);
  });
});
