import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  domain,
  type EdgeFixture,
  ingress,
  mediumAddress,
  proZoneOf,
  smallAddress,
} from "../testing/edgeFixture";
import { medium, small, SwitchedEdge } from "../testing/switchedEdge";

let edge: EdgeFixture;
let seen: SwitchedEdge["seen"];

beforeEach(async () => {
  ({ edge, seen } = await SwitchedEdge.open());
});
afterEach(async () => {
  await edge.close();
});

const visitor = { from: "127.0.0.9" };

describe("the switch", () => {
  it("moves the traffic by a change of the snippet alone, to any kind of origin", async () => {
    edge.zones = [proZoneOf(small)];
    expect((await edge.ask("/api/x")).body).toBe("small: GET /api/x");
    edge.zones = [proZoneOf(medium)];
    expect((await edge.ask("/api/x")).body).toBe("medium: GET /api/x");
    edge.zones = [proZoneOf(small)];
    expect((await edge.ask("/api/x")).body).toBe("small: GET /api/x");
    expect(edge.log).toEqual([]);
  });

  it("does not care where the record leads", async () => {
    edge.zones = [proZoneOf(medium, { originName: "origin-gone.example.com" })];
    expect((await edge.ask("/")).body).toBe("medium: GET /");
  });

  it("leads the one host of the zone: another goes where its record leads", async () => {
    const [zone] = edge.zones;
    const record = { type: "A", content: smallAddress, proxied: true, name: "www.example.com" };
    edge.zones = [{ ...zone!, records: [...zone!.records, record] }];
    edge.routes.set(`${smallAddress}:443`, "nobody-listens");
    expect((await edge.ask("/", { host: "www.example.com" })).status).toBe(521);
    expect((await edge.ask("/")).status).toBe(200);
  });

  it("asks a server by its own name, over TLS that is checked", async () => {
    edge.zones = [proZoneOf({ ...small, host: "origin-medium.example.com" })];
    await edge.origin(mediumAddress, (_, response) => response.end(), {
      names: ["elsewhere.test"],
    });
    const answer = await edge.ask("/");
    expect(answer.status).toBe(526);
    expect(answer.body).toContain("Error 526: Invalid SSL certificate");
  });
});

describe("what arrives at the origin", () => {
  it("tells the app of the medium tier the secret, and who asks for what", async () => {
    await edge.ask("/a//b/%2e?x=%20", { ...visitor, headers: { cookie: "a=1" } });
    expect(seen.medium).toMatchObject([{ method: "GET", url: "/a//b/?x=%20" }]);
    expect(seen.medium[0]!.headers).toMatchObject({
      host: ingress,
      cookie: "a=1",
      "x-origin-secret": "s3cret",
      "x-drops-visitor-ip": "127.0.0.9",
      "x-forwarded-host": domain,
      "x-forwarded-proto": "https",
      // Cloudflare's one address for fetches from another zone.
      "do-connecting-ip": "2a06:98c0:3600::103",
    });
    expect(seen.medium[0]!.headers).not.toHaveProperty("cf-connecting-ip");
    expect(seen.medium[0]!.headers).not.toHaveProperty("x-forwarded-for");
  });

  it("tells a server in the zone the visitor's address as Cloudflare does, and no secret", async () => {
    edge.zones = [proZoneOf(small)];
    const forged = { "x-origin-secret": "guessed", "x-real-ip": "6.6.6.6" };
    await edge.ask("/", { ...visitor, headers: { ...forged, "x-forwarded-for": "6.6.6.6" } });
    expect(seen.small[0]!.headers).toMatchObject({
      host: small.host,
      "cf-connecting-ip": "127.0.0.9",
      "cf-worker": "example.com",
      "x-forwarded-for": "127.0.0.9",
      "cdn-loop": "cloudflare",
    });
    expect(seen.small[0]!.headers).not.toHaveProperty("x-origin-secret");
  });

  it("has none of what a visitor forges", async () => {
    const headers = {
      "X-Origin-Secret": "guessed",
      "X-Drops-Visitor-IP": "6.6.6.6",
      "X-Forwarded-Host": "evil.test",
      "CF-Connecting-IP": "6.6.6.6",
    };
    expect((await edge.ask("/", { ...visitor, headers })).status).toBe(200);
    expect(seen.medium[0]!.headers).toMatchObject({
      "x-origin-secret": "s3cret",
      "x-drops-visitor-ip": "127.0.0.9",
      "x-forwarded-host": domain,
    });
  });

  it.each([
    ["POST", "content-length", "7"],
    ["PUT", "transfer-encoding", "chunked"],
    ["DELETE", "content-length", "7"],
  ])("is the body of a %s, with its %s", async (method, header, value) => {
    const answer = await edge.ask("/api/x", {
      method,
      body: '{"a":1}',
      headers: { [header]: value },
    });
    expect(answer.body).toBe(`medium: ${method} /api/x`);
    expect(seen.medium[0]).toMatchObject({ method, body: '{"a":1}', headers: { [header]: value } });
  });
});
