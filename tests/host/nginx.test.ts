import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { startNginx, type Nginx } from "./nginxServer";
import { sites } from "./sample";
import { describeWith, eventually } from "./support";

const YEAR = "public, max-age=31536000, immutable";
const upgrade =
  "GET /live HTTP/1.1\r\nHost: drops.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\nhello";

describeWith(["nginx", "openssl"], "the check of the monitoring", () => {
  it("fails with a dead Alertmanager too", async () => {
    const nginx = await startNginx(sites.address);
    expect((await nginx.get("/monitoring/healthz")).status).toBe(200);
    nginx.failAlertmanager();
    expect((await nginx.get("/monitoring/healthz")).status).toBe(500);
  });
});

describeWith(["nginx", "openssl"], "nginx without a domain", () => {
  let nginx: Nginx;
  beforeAll(async () => {
    nginx = await startNginx(sites.address);
  });

  it("accepts the files", () => {
    expect(nginx.check.output).not.toMatch(/\[(warn|emerg|error)\](?!.*"user")/);
    expect(nginx.check.status).toBe(0);
  });

  it("says 503 with a page until there is a release, and lets ACME and monitoring through", async () => {
    for (const path of ["/", "/assets/a.js", "/healthz"]) {
      const answer = await nginx.get(path);
      expect([path, answer.status, answer.headers["retry-after"]]).toEqual([path, 503, ["30"]]);
      expect(answer.body).toContain("Drops is starting");
      expect(answer.headers["cache-control"]).toEqual(["no-store"]);
    }
    expect(await nginx.raw(upgrade)).toMatch(/^HTTP\/1\.1 503 /);
    expect((await nginx.get("/.well-known/acme-challenge/token")).body).toBe("proof");
    expect((await nginx.get("/monitoring/healthz")).body).toBe("prometheus /-/ready");
    nginx.release();
    expect((await nginx.get("/")).body).toBe("app GET /");
  });

  it("tells the app who asks, and believes no visitor about it", async () => {
    const answer = await nginx.get("/who?x=1", {
      headers: {
        "X-Forwarded-For": "6.6.6.6",
        "CF-Connecting-IP": "6.6.6.6",
        "X-Real-IP": "6.6.6.6",
      },
    });
    const seen = JSON.parse(answer.headers["x-seen"]![0]!) as Record<string, string>;
    expect(seen).toMatchObject({
      url: "/who?x=1",
      host: "drops.example.com",
      "x-real-ip": "127.0.0.1",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
    });
    // Normal requests reuse connections and upgrade nothing.
    expect(seen.upgrade).toBeUndefined();
    expect(seen.connection ?? "").not.toMatch(/upgrade|close/);
  });

  it.each(["/", "/broken", "/assets/new-1a2b.css", "/assets/from-app.js"])(
    "sends each security header once on %s",
    async (path) => {
      const { headers } = await nginx.get(path);
      expect(headers["x-frame-options"]).toEqual(["SAMEORIGIN"]);
      expect(headers["x-xss-protection"]).toEqual(["1; mode=block"]);
      expect(headers["x-content-type-options"]).toEqual(["nosniff"]);
      expect(headers["strict-transport-security"]).toBeUndefined();
      expect(headers.server).toEqual(["nginx"]);
    },
  );

  it("leaves a header that the app sets itself", async () => {
    expect((await nginx.get("/own-headers")).headers["x-frame-options"]).toEqual(["DENY"]);
  });

  it.each<[string, number, string, string]>([
    ["/assets/new-1a2b.css", 200, "new", YEAR],
    ["/assets/old-9f8e.css", 200, "old", YEAR],
    ["/assets/from-app.js", 200, "app GET /assets/from-app.js", YEAR],
    ["/assets/missing.js", 404, "app GET /assets/missing.js", "no-cache"],
    ["/assets/page", 200, "app GET /assets/page", "no-cache"],
  ])("caches %s with one Cache-Control", async (path, status, body, cache) => {
    const answer = await nginx.get(path);
    expect([answer.status, answer.body]).toEqual([status, body]);
    expect(answer.headers["cache-control"]).toEqual([cache]);
  });

  it("passes a websocket on, and bytes both ways", async () => {
    const answer = await nginx.raw(upgrade);
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer).toMatch(/X-Connection: upgrade\r\n/i);
    expect(answer.endsWith("hello")).toBe(true);
  });

  it("leaves the app's own 503 alone", async () => {
    const answer = await nginx.get("/readonly");
    expect([answer.status, answer.body]).toEqual([503, "app GET /readonly"]);
  });

  it("shows nothing else of Prometheus", async () => {
    for (const path of [
      "/monitoring/",
      "/monitoring/metrics",
      "/monitoring/healthz/api",
      "/monitoring/alertmanager",
    ]) {
      expect((await nginx.get(path)).status).toBe(404);
    }
  });

  it("logs without query strings, and no probes", async () => {
    await nginx.get("/reset?token=verysecret");
    await nginx.get("/healthz");
    const lines = await eventually(() => {
      const text = readFileSync(join(nginx.root, "var/log/nginx/drops-access.log"), "utf8");
      expect(text).toContain('"path":"/reset"');
      return text.trim().split("\n");
    });
    expect(lines.join("\n")).not.toContain("verysecret");
    const entries = lines.map((line) => JSON.parse(line) as Record<string, string>);
    expect(entries.map(({ path }) => path)).not.toContain("/monitoring/healthz");
    expect(entries.filter(({ path, status }) => path === "/healthz" && status === "200")).toEqual(
      [],
    );
    expect(entries.find(({ path }) => path === "/reset")).toMatchObject({
      status: "200",
      request_time: expect.stringMatching(/^\d+\.\d{3}$/) as string,
      upstream_time: expect.stringMatching(/^\d+\.\d{3}$/) as string,
    });
    expect(entries.find(({ path }) => path === "/live")).toBeDefined();
  });
});

describeWith(["nginx", "openssl"], "nginx behind Cloudflare", () => {
  let nginx: Nginx;
  beforeAll(async () => {
    nginx = await startNginx(sites.proxied);
    nginx.release();
  });

  it("accepts the files", () => {
    expect(nginx.check.output).not.toMatch(/\[(warn|emerg|error)\](?!.*"user")/);
    expect(nginx.check.status).toBe(0);
  });

  it("redirects to HTTPS with path and query, but answers ACME", async () => {
    const answer = await nginx.get("/a?b=1");
    expect([answer.status, answer.headers.location]).toEqual([
      301,
      ["https://drops.example.com/a?b=1"],
    ]);
    expect((await nginx.get("/.well-known/acme-challenge/token")).body).toBe("proof");
  });

  it.each(["drops.example.com", "origin-small.example.com"])("serves %s over TLS", async (host) => {
    const answer = await nginx.get("/", { tls: true, host });
    expect(answer.body).toBe("app GET /");
    expect(answer.headers["strict-transport-security"]).toEqual(["max-age=31536000"]);
    const seen = JSON.parse(answer.headers["x-seen"]![0]!) as Record<string, string>;
    expect(seen["x-forwarded-proto"]).toBe("https");
  });

  it("does not answer to other names", async () => {
    await expect(nginx.get("/", { host: "other.example.com" })).rejects.toThrow("hang up");
    await expect(nginx.get("/", { host: "other.example.com", tls: true })).rejects.toThrow(
      /unrecognized name|EPROTO|alert/,
    );
  });

  it("believes CF-Connecting-IP from Cloudflare alone", async () => {
    const answer = await nginx.get("/", { tls: true, headers: { "CF-Connecting-IP": "6.6.6.6" } });
    const seen = JSON.parse(answer.headers["x-seen"]![0]!) as Record<string, string>;
    expect(seen["x-forwarded-for"]).toBe("127.0.0.1");

    const trusting = await startNginx(sites.proxied, (content) =>
      content.replace("set_real_ip_from 173.245.48.0/20;", "set_real_ip_from 127.0.0.1;"),
    );
    trusting.release();
    const believed = await trusting.get("/", {
      tls: true,
      headers: { "CF-Connecting-IP": "203.0.113.9" },
    });
    const visitor = JSON.parse(believed.headers["x-seen"]![0]!) as Record<string, string>;
    expect(visitor["x-forwarded-for"]).toBe("203.0.113.9");
  });
});

describeWith(["nginx", "openssl"], "nginx with a domain of its own", () => {
  it("accepts the files", async () => {
    const nginx = await startNginx(sites.direct);
    expect(nginx.check.status).toBe(0);
    nginx.release();
    expect((await nginx.get("/", { tls: true })).body).toBe("app GET /");
  });
});
