import { request } from "node:https";
import { connect } from "node:net";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { sites } from "../../tests/host/sample";
import {
  answer,
  eventually,
  id,
  payloadOf,
  plainSpec,
  secrets,
  startSample,
  type Answer,
  type Said,
  type Sample,
} from "./testing/sampleHost";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const host = "drops.example.com";
const upgrade = `GET /live HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello`;

/** The first bytes that come back on a raw connection. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let seen = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      seen += chunk;
      if (seen.endsWith("hello")) socket.destroy();
    });
    socket.on("error", reject).on("close", () => {
      resolve(seen);
    });
  });
}

describe("the stand-in for nginx, without a domain", () => {
  let sample: Sample;
  const get = (path: string, headers = {}): Promise<Answer> =>
    answer(sample.hosts.ports(id)!.http, path, { host, ...headers });
  beforeAll(async () => {
    sample = await startSample();
    await sample.apply(payloadOf(plainSpec()));
  });
  afterAll(() => sample.stop());

  it("says 503 with the bundle's page until there is a release", async () => {
    for (const path of ["/", "/healthz", "/assets/a.js"]) {
      const { status, headers, body } = await get(path);
      expect([path, status, headers["retry-after"]]).toEqual([path, 503, "30"]);
      expect(headers["cache-control"]).toBe("no-store");
      expect(body).toContain("Drops is starting");
    }
    expect(await raw(sample.hosts.ports(id)!.http, upgrade)).toMatch(/^HTTP\/1\.1 503 /);
  });

  it("passes requests on, and tells the app who asks", async () => {
    await sample.release("v1");
    const { headers, body } = await get("/who?x=1", {
      "x-forwarded-for": "6.6.6.6",
      "cf-connecting-ip": "6.6.6.6",
    });
    const said = JSON.parse(body) as Said;
    expect(said.url).toBe("/who?x=1");
    expect(said.headers).toMatchObject({
      host,
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
    });
    expect(headers["x-frame-options"]).toBe("SAMEORIGIN");
    expect(headers["strict-transport-security"]).toBeUndefined();
  });

  it("passes a websocket on, and bytes both ways", async () => {
    const seen = await raw(sample.hosts.ports(id)!.http, upgrade);
    expect(seen).toMatch(/^HTTP\/1\.1 101 /);
    expect(seen.endsWith("hello")).toBe(true);
  });

  it("serves built files itself, and none from elsewhere", async () => {
    const assets = join(sample.root, "srv/drops/current/dist/public/assets");
    mkdirSync(assets, { recursive: true });
    writeFileSync(join(assets, "a-1b2c.js"), "built");
    const { headers, body } = await get("/assets/a-1b2c.js");
    expect([body, headers["content-type"]]).toEqual(["built", "application/javascript"]);
    expect(headers["cache-control"]).toContain("immutable");
    expect((await get("/assets/other.js")).body).toContain('"/assets/other.js"');
    expect((await get("/assets/../../index.js")).body).toContain('"url"');
    expect((await get("/monitoring/metrics")).status).toBe(404);
  });

  it("comes back with the app after a restart of the cloud", async () => {
    await sample.hosts.stopAll();
    await expect(get("/")).rejects.toThrow();
    await sample.hosts.startAll();
    await eventually(async () => {
      expect((await get("/")).status).toBe(200);
    });
  });
});

describe("the stand-in for nginx, behind Cloudflare", () => {
  let sample: Sample;
  beforeAll(async () => {
    sample = await startSample();
    const applied = await sample.apply(
      payloadOf(plainSpec({ site: sites.proxied }), { ...secrets, "acme-token": "token" }),
    );
    expect(applied).toMatchObject({ status: 0, stderr: "" });
    expect(applied.stdout).toContain(
      "certificate: in use for drops.example.com origin-small.example.com\n",
    );
    await sample.release("v1");
  });
  afterAll(() => sample.stop());

  const secure = (name: string, headers = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const port = sample.hosts.ports(id)!.https;
      const ca = sample.options.authority.certificate;
      const to = { host: "127.0.0.1", port, servername: name, ca, agent: false };
      request({ ...to, headers: { host: name, ...headers } }, (incoming) => {
        let body = "";
        incoming.setEncoding("utf8").on("data", (text: string) => (body += text));
        incoming.on("end", () => {
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
        });
      })
        .on("error", reject)
        .end();
    });

  it.each([host, "origin-small.example.com"])("serves %s over TLS", async (name) => {
    const { headers, body } = await secure(name, { "cf-connecting-ip": "203.0.113.9" });
    expect(headers["strict-transport-security"]).toBe("max-age=31536000");
    expect((JSON.parse(body) as Said).headers).toMatchObject({
      "x-forwarded-proto": "https",
      // The edge, which stands for Cloudflare, is believed.
      "x-forwarded-for": "203.0.113.9",
    });
  });

  it("redirects to HTTPS with path and query, and does not answer to other names", async () => {
    const { http } = sample.hosts.ports(id)!;
    const redirect = await answer(http, "/a?b=1", { host });
    expect([redirect.status, redirect.headers.location]).toEqual([301, `https://${host}/a?b=1`]);
    await expect(answer(http, "/", { host: "other.example.com" })).rejects.toThrow("hang up");
    await expect(secure("other.example.com")).rejects.toThrow();
  });
});

describe("a domain that does not lead to its host yet", () => {
  it("gets no certificate, which is no reason to fail", async () => {
    const known = new Set<string>();
    const sample = await startSample({ isRecordOf: (name) => known.has(name) });
    try {
      const payload = payloadOf(plainSpec({ site: sites.direct }));
      const first = await sample.apply(payload);
      expect(first.status).toBe(0);
      expect(first.stdout).toContain("no certificate yet for drops.example.com");
      known.add("drops.example.com");
      expect((await sample.apply(payload)).stdout).toContain(
        "certificate: in use for drops.example.com\n",
      );
    } finally {
      await sample.stop();
    }
  });
});
