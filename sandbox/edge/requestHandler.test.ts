import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { domain, EdgeFixture, mediumAddress, smallAddress, zoneOf } from "./testing/edgeFixture";
import type { ZoneView } from "./index";

let edge: EdgeFixture;
let seen: IncomingMessage[];

/** Answers with what it is and what it was asked. */
const app = (name: string) => (request: IncomingMessage, response: ServerResponse) => {
  seen.push(request);
  response.setHeader("content-type", "application/json");
  response.setHeader("x-app", name);
  response.end(JSON.stringify({ name, url: request.url, method: request.method }));
};

beforeEach(async () => {
  seen = [];
  edge = await EdgeFixture.open();
  await edge.origin(smallAddress, app("small"), { names: [domain, "origin-small.example.com"] });
});
afterEach(async () => {
  await edge.close();
});

const settings = (changes: Record<string, unknown>): ZoneView => {
  const zone = zoneOf();
  return { ...zone, settings: { ...zone.settings, ...changes } };
};

describe("a request", () => {
  it("reaches the origin with the visitor's address and without what a visitor made up", async () => {
    const answer = await edge.ask("/api/feed?page=2", {
      from: "127.0.0.9",
      headers: {
        "cf-connecting-ip": "8.8.8.8",
        "x-real-ip": "8.8.8.8",
        "x-forwarded-for": "203.0.113.1",
        "x-forwarded-proto": "http",
        "cf-visitor": '{"scheme":"http"}',
        "accept-encoding": "deflate, gzip, br;q=0.9, zstd",
        te: "trailers",
        connection: "close, x-hop",
        "x-hop": "1",
        "x-kept": "1",
      },
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      name: "small",
      url: "/api/feed?page=2",
      method: "GET",
    });
    const { headers } = seen[0]!;
    expect(headers).toMatchObject({
      host: domain,
      "cf-connecting-ip": "127.0.0.9",
      "x-forwarded-for": "203.0.113.1,127.0.0.9",
      "x-forwarded-proto": "https",
      "cf-visitor": '{"scheme":"https"}',
      "cf-ray": answer.headers["cf-ray"],
      "cdn-loop": "cloudflare",
      "accept-encoding": "br, gzip",
      "x-kept": "1",
    });
    for (const name of ["x-real-ip", "te", "x-hop"]) expect(headers[name]).toBeUndefined();
    expect(answer.headers).toMatchObject({
      server: "cloudflare",
      "cf-ray": expect.stringMatching(/^[0-9a-f]{16}-SBX$/) as string,
      "cf-cache-status": "DYNAMIC",
      "x-app": "small",
    });
  });

  it.each(["POST", "DELETE"])(
    "streams the body of a %s, with and without its length",
    async (method) => {
      edge.routes.clear();
      const bodies: string[] = [];
      await edge.origin(smallAddress, (request, response) => {
        let body = "";
        request.on("data", (chunk: Buffer) => (body += chunk.toString()));
        request.on("end", () => {
          bodies.push(`${request.headers["transfer-encoding"] ?? "length"} ${body}`);
          response.end();
        });
      });
      const body = "x".repeat(1000);
      await edge.ask("/api/drops", { method, body, headers: { "content-length": 1000 } });
      await edge.ask("/api/drops", { method, body, headers: { "transfer-encoding": "chunked" } });
      expect(bodies).toEqual([`length ${body}`, `chunked ${body}`]);
    },
  );

  it("refuses a body that is larger than Cloudflare takes", async () => {
    edge.routes.clear();
    await edge.origin(smallAddress, (request) => request.resume());
    const request = edge.request("/api/drops", {
      method: "POST",
      headers: { "transfer-encoding": "chunked" },
    });
    const status = new Promise((resolve) => {
      request.on("response", ({ statusCode }) => {
        resolve(statusCode);
      });
    });
    request.on("error", () => undefined);
    const chunk = Buffer.alloc(1_000_000);
    for (let sent = 0; sent < 101; sent++) {
      if (!request.write(chunk)) await new Promise((go) => request.once("drain", go));
    }
    expect(await status).toBe(413);
    request.destroy();
  });

  it("is refused where it comes back again and again", async () => {
    const loop = (passes: number) =>
      edge.ask("/", { headers: { "cdn-loop": Array(passes).fill("cloudflare").join(", ") } });
    expect((await loop(4)).status).toBe(200);
    expect(seen[0]!.headers["cdn-loop"]).toBe(Array(5).fill("cloudflare").join(", "));
    const answer = await loop(5);
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("Error 1000");
  });

  it.each([
    ["for a name in no zone", "elsewhere.test", 409, "1001"],
    ["for a name that is not proxied", "origin-small.example.com", 409, "1001"],
    ["for an address", "192.0.2.1", 403, "1003"],
  ])("%s is answered by the edge", async (_, host, status, code) => {
    const answer = await edge.ask("/", { host, secure: false });
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(`Error ${code}`);
    expect(answer.body).toContain("sandbox's edge");
    expect(seen).toEqual([]);
  });

  it("follows the CNAME from the next request on", async () => {
    await edge.origin(mediumAddress, app("medium"));
    const name = async () => (JSON.parse((await edge.ask("/api/x")).body) as { name: string }).name;
    expect(await name()).toBe("small");
    edge.zones = [zoneOf({ originName: "origin-medium.example.com" })];
    expect(await name()).toBe("medium");
    edge.zones = [zoneOf()];
    expect(await name()).toBe("small");
  });

  it("reads the visitor's slow pace back to the origin", async () => {
    edge.routes.clear();
    let sent = 0;
    const chunk = Buffer.alloc(256 * 1024);
    await edge.origin(smallAddress, (_, response) => {
      const fill = () => {
        let takes = true;
        while (takes && sent < 400) {
          takes = response.write(chunk);
          sent++;
        }
        if (sent < 400) response.once("drain", fill);
        else response.end();
      };
      fill();
    });
    const request = edge.request("/api/export");
    request.end();
    const response = await new Promise<IncomingMessage>((resolve) =>
      request.once("response", resolve),
    );
    // 100 MB are on their way: what nobody reads stays in a few buffers.
    for (let before = -1; before !== sent;) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(sent).toBeLessThan(400);
    let bytes = 0;
    for await (const part of response) bytes += (part as Buffer).length;
    expect(bytes).toBe(400 * chunk.length);
  });

  it("ends at the origin when the visitor leaves", async () => {
    edge.routes.clear();
    let leave!: () => void;
    const left = new Promise<void>((resolve) => (leave = resolve));
    await edge.origin(smallAddress, (_, response) => {
      response.write("first");
      response.once("close", leave);
    });
    const request = edge.request("/api/events");
    request.on("error", () => undefined);
    request.end();
    await new Promise((resolve) => request.once("response", resolve));
    request.destroy();
    await left;
  });
});

describe("plain HTTP", () => {
  it("becomes HTTPS, the query string kept", async () => {
    const answer = await edge.ask("/a/b?x=1&y=%20", { secure: false });
    expect(answer.status).toBe(301);
    expect(answer.headers.location).toBe(`https://${domain}/a/b?x=1&y=%20`);
    expect(answer.headers["strict-transport-security"]).toBeUndefined();
    expect(seen).toEqual([]);
  });

  it("stays plain for certificate challenges, to port 80 of the origin", async () => {
    await edge.plainOrigin(smallAddress, app("plain"));
    const answer = await edge.ask("/.well-known/acme-challenge/token", { secure: false });
    expect(answer.status).toBe(200);
    expect(answer.headers["x-app"]).toBe("plain");
    expect(answer.headers["strict-transport-security"]).toBeUndefined();
    expect(seen[0]!.headers["x-forwarded-proto"]).toBe("http");
  });

  it("is judged by the normalized path", async () => {
    const answer = await edge.ask("/.well-known/acme-challenge/../../x", { secure: false });
    expect(answer.headers.location).toBe(`https://${domain}/x`);
  });

  it("becomes HTTPS by the zone's setting too, challenges included", async () => {
    edge.zones = [{ ...settings({ always_use_https: "on" }), rulesets: [] }];
    const answer = await edge.ask("/.well-known/acme-challenge/token?a=1", { secure: false });
    expect(answer.status).toBe(301);
    expect(answer.headers.location).toBe(`https://${domain}/.well-known/acme-challenge/token?a=1`);
  });
});

describe("the answer's headers", () => {
  it("are completed by the project's rules", async () => {
    const { headers } = await edge.ask("/api/x");
    expect(headers).toMatchObject({
      "strict-transport-security": "max-age=86400",
      "x-content-type-options": "nosniff",
      "x-frame-options": "SAMEORIGIN",
      "referrer-policy": "strict-origin-when-cross-origin",
      "permissions-policy": "camera=(), geolocation=(), microphone=(), usb=()",
    });
  });

  it("stay the app's where the app says more", async () => {
    edge.routes.clear();
    await edge.origin(smallAddress, (_, response) => {
      response.setHeader("X-Frame-Options", "DENY");
      response.setHeader("Set-Cookie", ["a=1", "b=2"]);
      response.setHeader("X-Accel-Buffering", "no");
      response.setHeader("Server", "nginx");
      response.writeHead(201, "Made");
      response.end();
    });
    const { headers, status } = await edge.ask("/api/x");
    expect(status).toBe(201);
    expect(headers["x-frame-options"]).toBe("DENY");
    expect(headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    expect(headers["x-accel-buffering"]).toBeUndefined();
    expect(headers.server).toBe("cloudflare");
  });

  it("are added to the edge's own pages", async () => {
    edge.routes.clear();
    const { status, headers } = await edge.ask("/");
    expect(status).toBe(521);
    expect(headers["x-content-type-options"]).toBe("nosniff");
  });
});

describe("rate limits", () => {
  beforeEach(() => {
    edge.zones = [zoneOf({ rateLimit: { requestsPerPeriod: 3 } })];
  });
  const times = async (count: number, path: string, from = "127.0.0.1") => {
    const statuses: number[] = [];
    for (let i = 0; i < count; i++) statuses.push((await edge.ask(path, { from })).status);
    return statuses;
  };

  it("block an address that asks too often, until their time is over", async () => {
    expect(await times(4, "/api/x")).toEqual([200, 200, 200, 429]);
    const blocked = await edge.ask("/api/x");
    expect(blocked.headers["retry-after"]).toBe("10");
    expect(blocked.body).toContain("Error 1015");
    expect(edge.running.stats().blocked).toBe(1);
    // Others are counted apart, and what the rule leaves out passes.
    expect(await times(1, "/api/x", "127.0.0.2")).toEqual([200]);
    expect(await times(1, "/healthz")).toEqual([200]);
    edge.now += 9_999;
    expect(await times(1, "/api/x")).toEqual([429]);
    edge.now += 1;
    expect(await times(4, "/api/x")).toEqual([200, 200, 200, 429]);
  });

  it("count anew after a period", async () => {
    expect(await times(3, "/api/x")).toEqual([200, 200, 200]);
    edge.now += 10_000;
    expect(await times(3, "/api/x")).toEqual([200, 200, 200]);
  });

  it("change from the next request on", async () => {
    await times(4, "/api/x");
    edge.zones = [zoneOf()];
    edge.now += 10_000;
    expect(await times(4, "/api/x")).toEqual([200, 200, 200, 200]);
  });
});
