import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { alias, DistributionFixture, keeping, originAlias } from "../testing/distributionFixture";

let cdn: DistributionFixture;
beforeEach(async () => {
  cdn = await DistributionFixture.open();
});
afterEach(async () => {
  await cdn.close();
});

describe("the cache", () => {
  const from = { host: originAlias } as const;
  beforeEach(() => {
    cdn.originChange = { domainName: alias };
  });
  const ask = async (path = "/assets/a.js", headers = {}) => {
    const answer = await cdn.edge.ask(path, { ...from, headers });
    return [answer.headers["x-cache"]?.toString().split(" ")[0], answer.body];
  };

  it("keeps what says so, for as long as it says, whatever the query and cookies", async () => {
    let count = 0;
    cdn.answer = (_, response) => {
      response.setHeader("cache-control", "max-age=60").end(`${(count += 1)}`);
    };
    expect(await ask()).toEqual(["Miss", "1"]);
    cdn.edge.now += 59_000;
    expect(await ask("/assets/a.js?v=2", { cookie: "a=1" })).toEqual(["Hit", "1"]);
    const { headers } = await cdn.edge.ask("/assets/a.js", from);
    expect(headers["age"]).toBe("59");
    cdn.edge.now += 1_000;
    expect(await ask()).toEqual(["Miss", "2"]);
  });

  it("keeps nothing that forbids it or says nothing, by a policy without a minimum", async () => {
    cdn.answer = (_, response) => response.setHeader("cache-control", "no-store").end("a");
    expect([await ask(), await ask()].map(([result]) => result)).toEqual(["Miss", "Miss"]);
    cdn.answer = (_, response) => response.end("a");
    expect([await ask(), await ask()].map(([result]) => result)).toEqual(["Miss", "Miss"]);
    cdn.behave({ cache: { ...keeping.cache, minTtl: 5, defaultTtl: 10 } }, "keeping");
    cdn.answer = (_, response) => response.setHeader("cache-control", "no-store").end("a");
    expect([await ask(), await ask()].map(([result]) => result)).toEqual(["Miss", "Hit"]);
  });

  it("holds a lifetime to the policy's most", async () => {
    cdn.behave({ cache: { ...keeping.cache, maxTtl: 10 } }, "keeping");
    cdn.answer = (_, response) => response.setHeader("cache-control", "max-age=600").end("a");
    await ask();
    cdn.edge.now += 11_000;
    expect((await ask())[0]).toBe("Miss");
  });

  it("asks again whether what is too old still holds, and uses it where the origin fails", async () => {
    cdn.answer = (request, response) => {
      const isKnown = request.headers["if-none-match"] === '"1"';
      response.setHeader("etag", '"1"').setHeader("cache-control", "max-age=10");
      response.statusCode = isKnown ? 304 : 200;
      response.end(isKnown ? undefined : "a");
    };
    await ask();
    cdn.edge.now += 11_000;
    expect(await ask()).toEqual(["RefreshHit", "a"]);
    expect(await ask()).toEqual(["Hit", "a"]);
    cdn.edge.now += 11_000;
    cdn.answer = (_, response) => response.writeHead(500).end();
    expect(await ask()).toEqual(["Hit", "a"]);
    cdn.target = "nobody-listens";
    expect(await ask()).toEqual(["Hit", "a"]);
  });

  it("answers 304 to whoever has it, and the head alone", async () => {
    cdn.answer = (_, response) => {
      response.setHeader("etag", '"1"').setHeader("cache-control", "max-age=10").end("body");
    };
    await ask();
    const same = await cdn.edge.ask("/assets/a.js", {
      ...from,
      headers: { "if-none-match": '"1"' },
    });
    expect([same.status, same.body]).toEqual([304, ""]);
    const head = await cdn.edge.ask("/assets/a.js", { ...from, method: "HEAD" });
    expect([head.status, head.headers["content-length"], head.body]).toEqual([200, "4", ""]);
    expect(cdn.seen).toHaveLength(1);
  });

  it("asks once for what many want", async () => {
    cdn.answer = (_, response) => {
      setTimeout(() => response.setHeader("cache-control", "max-age=10").end("a"), 50);
    };
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask()));
    expect(answers.map(([result]) => result).sort()).toEqual(["Hit", "Hit", "Hit", "Hit", "Miss"]);
    expect(cdn.seen).toHaveLength(1);
  });

  it("keeps errors for ten seconds, on every path, or as the distribution says", async () => {
    cdn.answer = (_, response) => response.writeHead(503).end("busy");
    for (const path of ["/assets/a.js", "/api"]) {
      expect(await ask(path)).toEqual(["Error", "busy"]);
      expect(await ask(path)).toEqual(["Error", "busy"]);
    }
    expect(cdn.seen).toHaveLength(2);
    cdn.edge.now += 11_000;
    await ask("/api");
    expect(cdn.seen).toHaveLength(3);
    cdn.change = { errorTtls: { 503: 0 } };
    cdn.edge.now += 11_000;
    await ask("/api");
    await ask("/api");
    expect(cdn.seen).toHaveLength(5);
    // One that is not kept by itself.
    cdn.answer = (_, response) => response.writeHead(401).end();
    await ask("/b");
    await ask("/b");
    expect(cdn.seen).toHaveLength(7);
  });

  it("passes a part on, and what has a body", async () => {
    cdn.answer = (_, response) => response.setHeader("cache-control", "max-age=10").end("a");
    await ask("/assets/a.js", { range: "bytes=0-0" });
    await ask("/assets/a.js", { range: "bytes=0-0" });
    expect(cdn.seen.map(({ headers }) => headers.range)).toEqual(["bytes=0-0", "bytes=0-0"]);
  });

  it("packs what is text and long enough, once for each encoding", async () => {
    const text = "a".repeat(2_000);
    cdn.answer = (_, response) => {
      response.setHeader("cache-control", "max-age=60").setHeader("etag", '"1"');
      response
        .setHeader("content-type", "text/javascript")
        .setHeader("content-length", text.length);
      response.end(text);
    };
    const raw = async (encodings: string) =>
      await new Promise<{ headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
        const request = cdn.edge.request("/assets/a.js", {
          ...from,
          headers: { "accept-encoding": encodings },
        });
        request.on("error", reject).on("response", (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            resolve({ headers: response.headers, body: Buffer.concat(chunks) });
          });
        });
        request.end();
      });
    const brotli = await raw("gzip, br");
    expect(brotli.headers).toMatchObject({
      "content-encoding": "br",
      etag: 'W/"1"',
      vary: "Accept-Encoding",
    });
    expect(brotliDecompressSync(brotli.body).toString()).toBe(text);
    const gzip = await raw("gzip");
    expect(gunzipSync(gzip.body).toString()).toBe(text);
    const plain = await raw("identity");
    expect([plain.headers["content-encoding"], plain.body.toString()]).toEqual([undefined, text]);
    expect((await raw("br, gzip")).headers["x-cache"]).toBe("Hit from cloudfront");
    expect(cdn.seen).toHaveLength(3);
    cdn.behave({ compress: false }, "keeping");
    cdn.edge.now += 61_000;
    expect((await raw("br")).headers).not.toHaveProperty("content-encoding");
  });
});
