import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ZoneView } from "../index";
import { type Answer, EdgeFixture, smallAddress, zoneOf } from "../testing/edgeFixture";
import { MAX_ENTRY_BYTES } from "./cacheStore";

const kept = "public, max-age=31536000, immutable";

let edge: EdgeFixture;
let seen: IncomingMessage[];
/** What the origin does next. */
let reply: (response: ServerResponse, request: IncomingMessage) => void;

beforeEach(async () => {
  seen = [];
  reply = (response) => {
    response.setHeader("content-type", "text/javascript");
    response.setHeader("etag", '"one"');
    response.end("code");
  };
  edge = await EdgeFixture.open();
  await edge.origin(smallAddress, (request, response) => {
    seen.push(request);
    reply(response, request);
  });
});
afterEach(async () => {
  await edge.close();
});

const statusOf = ({ headers }: Answer) => headers["cf-cache-status"];
const times = async (count: number, ...question: Parameters<EdgeFixture["ask"]>) => {
  const answers: Answer[] = [];
  for (let i = 0; i < count; i++) answers.push(await edge.ask(...question));
  return answers.map(statusOf);
};
const without = (phase: string, ...rules: readonly Record<string, unknown>[]): ZoneView => {
  const zone = zoneOf();
  const others = zone.rulesets.filter((ruleset) => ruleset.phase !== phase);
  return { ...zone, rulesets: [...others, { phase, rules }] };
};

describe("an asset", () => {
  it("is kept for a year, whatever the app says, and served from the edge", async () => {
    reply = (response) => {
      response.setHeader("cache-control", "max-age=0");
      response.setHeader("content-type", "text/css");
      response.end("body {}");
    };
    const first = await edge.ask("/assets/app-1a2b.css");
    expect(first.headers["cache-control"]).toBe(kept);
    expect(statusOf(first)).toBe("MISS");
    expect(first.headers.age).toBeUndefined();
    edge.now += 90_000;
    const second = await edge.ask("/assets/app-1a2b.css");
    expect(second).toMatchObject({ status: 200, body: "body {}" });
    expect(second.headers).toMatchObject({
      "cf-cache-status": "HIT",
      "cache-control": kept,
      "content-type": "text/css",
      age: "90",
      "strict-transport-security": "max-age=86400",
    });
    expect(second.headers["cf-ray"]).not.toBe(first.headers["cf-ray"]);
    expect(seen).toHaveLength(1);
    expect(edge.running.stats().cache).toMatchObject({ entries: 1, hits: 1 });
    edge.now += 31_536_000_000;
    expect(await times(2, "/assets/app-1a2b.css")).toEqual(["EXPIRED", "HIT"]);
  });

  it("is kept apart by query string, by host's encoding and by origin of the page", async () => {
    const path = "/assets/a.js";
    const ask = async (suffix: string, headers = {}) => await times(1, path + suffix, { headers });
    expect(await ask("")).toEqual(["MISS"]);
    expect(await ask("?v=2")).toEqual(["MISS"]);
    expect(await ask("", { "accept-encoding": "gzip" })).toEqual(["MISS"]);
    expect(await ask("", { "accept-encoding": "gzip, deflate, br" })).toEqual(["MISS"]);
    expect(await ask("", { "accept-encoding": "br, gzip, zstd" })).toEqual(["HIT"]);
    expect(await ask("", { origin: "https://elsewhere.test" })).toEqual(["MISS"]);
    expect(await ask("", { cookie: "a=1", "user-agent": "x" })).toEqual(["HIT"]);
  });

  it("keeps its encoding", async () => {
    const packed = gzipSync("code");
    reply = (response) => {
      response.setHeader("content-encoding", "gzip");
      response.end(packed);
    };
    const headers = { "accept-encoding": "gzip" };
    for (const status of ["MISS", "HIT"]) {
      const answer = await edge.ask("/assets/a.js", { headers });
      expect(statusOf(answer)).toBe(status);
      expect(answer.headers["content-encoding"]).toBe("gzip");
    }
  });

  it.each<[string, (response: ServerResponse) => void, number]>([
    ["that is not there", (response) => void response.writeHead(404).end("no"), 404],
    ["that fails", (response) => void response.writeHead(500).end("no"), 500],
    [
      "in whose place there is a page",
      (response) => {
        response.setHeader("content-type", "text/html; charset=utf-8");
        response.end("<html>");
      },
      200,
    ],
  ])("%s is stored nowhere", async (_, answer, status) => {
    reply = answer;
    for (let i = 0; i < 2; i++) {
      const got = await edge.ask("/assets/gone.js");
      expect(got.status).toBe(status);
      expect(got.headers["cache-control"]).toBe("no-store");
      expect(statusOf(got)).toBe("BYPASS");
    }
    expect(seen).toHaveLength(2);
    expect(edge.running.stats().cache.entries).toBe(0);
  });

  it("is not kept with a cookie, and the cookie is the visitor's", async () => {
    reply = (response) => {
      response.setHeader("set-cookie", "session=1");
      response.end("x");
    };
    expect(await times(2, "/assets/a.js")).toEqual(["MISS", "MISS"]);
    expect((await edge.ask("/assets/a.js")).headers["set-cookie"]).toEqual(["session=1"]);
  });

  it("is kept for those with a password, because the answer is public", async () => {
    const headers = { authorization: "Bearer x" };
    expect(await times(2, "/assets/a.js", { headers })).toEqual(["MISS", "HIT"]);
    edge.zones = [without("http_response_cache_settings")];
    expect(await times(2, "/assets/b.js", { headers })).toEqual(["BYPASS", "BYPASS"]);
  });

  it("is asked for once by many at the same time", async () => {
    const waiting: ServerResponse[] = [];
    reply = (response) => waiting.push(response);
    const answers = Promise.all(Array.from({ length: 5 }, () => edge.ask("/assets/a.js")));
    await expect.poll(() => edge.running.stats().requests).toBe(5);
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]!.end("code");
    const got = await answers;
    expect(got.map(({ body }) => body)).toEqual(Array(5).fill("code"));
    expect(got.map(statusOf).sort()).toEqual(["HIT", "HIT", "HIT", "HIT", "MISS"]);
    expect(seen).toHaveLength(1);
  });

  it("does not hold up others where the first one's answer is not kept, or fails", async () => {
    const waiting: ServerResponse[] = [];
    reply = (response) => waiting.push(response);
    const answers = Promise.all(Array.from({ length: 3 }, () => edge.ask("/assets/a.js")));
    await expect.poll(() => waiting.length).toBe(1);
    await expect.poll(() => edge.running.stats().requests).toBe(3);
    reply = (response) => response.writeHead(404).end();
    waiting[0]!.destroy();
    expect((await answers).map(({ status }) => status).sort()).toEqual([404, 404, 520]);
  });

  it("does not hold up others until the body of an answer that is not kept has ended", async () => {
    reply = (response) => {
      if (seen.length === 1) response.writeHead(404).write("half");
      else response.writeHead(404).end();
    };
    const first = edge.request("/assets/a.js");
    first.on("error", () => undefined).end();
    await new Promise((resolve) => first.once("response", resolve));
    expect((await edge.ask("/assets/a.js")).status).toBe(404);
    first.destroy();
  });

  it("that is not kept ends at the origin when the visitor leaves", async () => {
    let leave!: () => void;
    const left = new Promise<void>((resolve) => (leave = resolve));
    reply = (response) => {
      response.once("close", leave).writeHead(404).write("half");
    };
    const request = edge.request("/assets/a.js");
    request.on("error", () => undefined).end();
    await new Promise((resolve) => request.once("response", resolve));
    request.destroy();
    await left;
  });

  it("is read to its end for the next ones when the first visitor leaves", async () => {
    let finish!: () => void;
    reply = (response) => {
      response.write("half ");
      finish = () => response.end("whole");
    };
    const request = edge.request("/assets/a.js");
    request.on("error", () => undefined);
    request.end();
    await new Promise((resolve) => request.once("response", resolve));
    request.destroy();
    finish();
    await expect.poll(() => edge.running.stats().cache.entries).toBe(1);
    expect(await edge.ask("/assets/a.js")).toMatchObject({ body: "half whole" });
    expect(seen).toHaveLength(1);
  });

  it("passes through where it is larger than the edge keeps", async () => {
    const large = Buffer.alloc(MAX_ENTRY_BYTES + 1, "x");
    const sizes = async () => [
      (await edge.ask("/assets/a.bin")).body.length,
      (await edge.ask("/assets/a.bin")).body.length,
    ];
    reply = (response) => response.end(large);
    expect(await sizes()).toEqual([large.length, large.length]);
    reply = (response) => {
      response.write(large.subarray(0, 1000));
      response.end(large.subarray(1000));
    };
    expect(await sizes()).toEqual([large.length, large.length]);
    expect(edge.running.stats().cache.entries).toBe(0);
    reply = (response) => response.end(large.subarray(1));
    expect(await sizes()).toEqual([MAX_ENTRY_BYTES, MAX_ENTRY_BYTES]);
    expect(edge.running.stats().cache.entries).toBe(1);
  });

  it("is fetched whole for a visitor who asks for its head", async () => {
    const head = await edge.ask("/assets/a.js", { method: "HEAD" });
    expect(head).toMatchObject({ status: 200, body: "" });
    expect(head.headers["content-length"]).toBe("4");
    expect(seen[0]!.method).toBe("GET");
    await expect.poll(() => edge.running.stats().cache.entries).toBe(1);
    expect(await times(1, "/assets/a.js", { method: "HEAD" })).toEqual(["HIT"]);
    expect(await edge.ask("/assets/a.js")).toMatchObject({ body: "code" });
    expect(seen).toHaveLength(1);
  });

  it("need not be sent to a visitor who has it", async () => {
    const conditions = { "if-none-match": 'W/"one"' };
    const first = await edge.ask("/assets/a.js", { headers: conditions });
    // The first one fills the cache, so the origin is asked for all of it.
    expect(first).toMatchObject({ status: 200, body: "code" });
    expect(seen[0]!.headers["if-none-match"]).toBeUndefined();
    const second = await edge.ask("/assets/a.js", { headers: conditions });
    expect(second).toMatchObject({ status: 304, body: "" });
    expect(second.headers.etag).toBe('"one"');
    const other = await edge.ask("/assets/a.js", { headers: { "if-none-match": '"two"' } });
    expect(other.status).toBe(200);
  });

  it("in parts comes from the origin", async () => {
    await edge.ask("/assets/a.js");
    reply = (response, { headers }) => {
      expect(headers.range).toBe("bytes=0-1");
      response.writeHead(206, { "content-range": "bytes 0-1/4" }).end("co");
    };
    const part = await edge.ask("/assets/a.js", { headers: { range: "bytes=0-1" } });
    expect(part).toMatchObject({ status: 206, body: "co" });
    expect(part.headers["cache-control"]).toBe(kept);
    expect(statusOf(part)).toBe("BYPASS");
    expect((await edge.ask("/assets/a.js")).body).toBe("code");
  });
});

describe("anything else", () => {
  it("comes from the origin each time", async () => {
    reply = (response) => {
      response.setHeader("cache-control", "public, max-age=600");
      response.end("{}");
    };
    expect(await times(2, "/api/feed")).toEqual(["DYNAMIC", "DYNAMIC"]);
    expect(await times(2, "/")).toEqual(["DYNAMIC", "DYNAMIC"]);
    expect((await edge.ask("/api/feed")).headers["cache-control"]).toBe("public, max-age=600");
    expect(await times(2, "/assets/a.js", { method: "POST" })).toEqual(["DYNAMIC", "DYNAMIC"]);
    expect(edge.running.stats().cache.entries).toBe(0);
  });

  it("is kept by its extension where the origin allows it, as at Cloudflare", async () => {
    expect(await times(2, "/favicon.ico")).toEqual(["MISS", "HIT"]);
    reply = (response) => {
      response.setHeader("cache-control", "no-cache");
      response.end("x");
    };
    expect(await times(2, "/logo.svg")).toEqual(["BYPASS", "BYPASS"]);
  });
});

describe("cache rules", () => {
  const phase = "http_request_cache_settings";
  const rule = (actionParameters: object, expression = "true") => ({
    ...{ action: "set_cache_settings", expression, actionParameters },
  });

  it("decide what may be kept, the last one above all", async () => {
    edge.zones = [without(phase, rule({ cache: true }), rule({ cache: false }, "not ssl"))];
    expect(await times(2, "/api/feed")).toEqual(["MISS", "HIT"]);
    edge.zones = [without(phase, rule({ cache: true }), rule({ cache: false }, "ssl"))];
    expect(await times(2, "/api/feed")).toEqual(["DYNAMIC", "DYNAMIC"]);
  });

  it("keep an answer in spite of the origin, without its cookies", async () => {
    reply = (response) => {
      response.setHeader("cache-control", "no-store");
      response.setHeader("set-cookie", "a=1");
      response.end("x");
    };
    const parameters = {
      cache: true,
      edgeTtl: { mode: "override_origin", default: 60 },
      browserTtl: { mode: "override_origin", default: 5 },
    };
    edge.zones = [without(phase, rule(parameters))];
    const first = await edge.ask("/api/feed");
    expect(first.headers["set-cookie"]).toBeUndefined();
    expect(first.headers["cache-control"]).toContain("max-age=5");
    expect(await times(1, "/api/feed")).toEqual(["HIT"]);
    edge.now += 60_000;
    expect(await times(1, "/api/feed")).toEqual(["EXPIRED"]);
  });
});
