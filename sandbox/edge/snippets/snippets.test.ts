import type { IncomingHttpHeaders } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EdgeFixture, smallAddress, withSnippets, zoneOf } from "../testing/edgeFixture";
import { echoWebsockets, refused } from "../testing/websocketClient";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let edge: EdgeFixture;
let seen: Seen[];

beforeEach(async () => {
  seen = [];
  edge = await EdgeFixture.open();
  await edge.origin(
    smallAddress,
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
        if (url === "/moved") {
          response.writeHead(302, { location: "/there" }).end();
          return;
        }
        response.setHeader("set-cookie", ["a=1", "b=2"]);
        response.end(`${method} ${url}`);
      });
    },
    { names: ["drops.example.com", "origin-small.example.com"] },
  );
});
afterEach(async () => {
  await edge.close();
});

const handler = (body: string): string => `export default {
  async fetch(request) {
    ${body}
  },
};
`;
/** Puts snippets, each with the body of its handler, in front of the host. */
const run = (...bodies: readonly string[]): void => {
  const snippets = Object.fromEntries(
    bodies.map((body, index) => [`snippet_${index + 1}`, handler(body)] as const),
  );
  edge.zones = [withSnippets(zoneOf({ plan: "pro" }), snippets)];
};

describe("a snippet", () => {
  it("may answer by itself: nobody else is asked", async () => {
    run(`return new Response("closed", { status: 503, headers: { "retry-after": "60" } });`);
    const { status, body, headers } = await edge.ask("/");
    expect([status, body, headers["retry-after"]]).toEqual([503, "closed", "60"]);
    expect(headers["x-frame-options"]).toBe("SAMEORIGIN");
    expect(seen).toEqual([]);
  });

  it("may let the request go on, changed or not, to where the record leads", async () => {
    run(`
      const onward = new Request(request);
      onward.headers.set("x-added", request.headers.get("cf-connecting-ip"));
      return fetch(onward);`);
    const answer = await edge.ask("/page", { from: "127.0.0.9" });
    expect(answer.body).toBe("GET /page");
    expect(answer.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    expect(seen[0]!.headers).toMatchObject({
      host: "drops.example.com",
      "x-added": "127.0.0.9",
      "cf-connecting-ip": "127.0.0.9",
    });
  });

  it("may change the answer, body and all", async () => {
    run(`
      const response = await fetch(request);
      const text = await response.text();
      const changed = new Response(text.toUpperCase() + "!", response);
      changed.headers.delete("set-cookie");
      return changed;`);
    const { body, headers } = await edge.ask("/page");
    expect(body).toBe("GET /PAGE!");
    expect(headers["set-cookie"]).toBeUndefined();
  });

  it("may send a body of its own", async () => {
    run(`return fetch(new Request(request, { body: "quite another length" }));`);
    await edge.ask("/api/x", { method: "POST", body: "short" });
    expect(seen[0]!.body).toBe("quite another length");
    expect(seen[0]!.headers).not.toHaveProperty("content-length");
  });

  it("sees what Cloudflare tells it of the visitor", async () => {
    run(`return Response.json([request.method, request.url, request.redirect,
      request.headers.get("x-forwarded-proto"), request.headers.get("host"),
      typeof process, typeof require, request instanceof Request]);`);
    expect(JSON.parse((await edge.ask("/a?b=1", { method: "PUT" })).body)).toEqual([
      ...["PUT", "https://drops.example.com/a?b=1", "manual", "https", null],
      ...["undefined", "undefined", true],
    ]);
  });

  it("answers a HEAD without a body, and refuses a method that it cannot have", async () => {
    run(`return fetch(request);`);
    const head = await edge.ask("/page", { method: "HEAD" });
    expect([head.status, head.body]).toEqual([200, ""]);
    expect((await edge.ask("/page", { method: "TRACE" })).status).toBe(400);
  });
});

describe("several snippets", () => {
  it("run one after the other, each on what the one before passed on", async () => {
    const add = (text: string): string => `
      const onward = new Request(request);
      onward.headers.append("x-trail", "${text}");
      const response = await fetch(onward);
      const answer = new Response(response.body, response);
      answer.headers.append("x-back", "${text}");
      return answer;`;
    run(add("one"), add("two"));
    expect((await edge.ask("/")).headers["x-back"]).toBe("two, one");
    expect(seen[0]!.headers["x-trail"]).toBe("one, two");
  });

  it("run where their rules say, and not where these are switched off", async () => {
    run(`return new Response("snippet");`);
    const [zone] = edge.zones;
    const rule = { snippetName: "snippet_1", expression: 'http.request.uri.path eq "/one"' };
    const withRule = (change: object) => {
      const rulesets = [{ phase: "http_request_snippets", rules: [{ ...rule, ...change }] }];
      edge.zones = [{ ...zone!, rulesets }];
    };
    withRule({});
    expect((await edge.ask("/one")).body).toBe("snippet");
    expect((await edge.ask("/two")).body).toBe("GET /two");
    withRule({ enabled: false });
    expect((await edge.ask("/one")).body).toBe("GET /one");
  });
});

describe("a snippet's own requests", () => {
  const elsewhere = `"https://origin-small.example.com/there"`;

  it("are as many as the plan grants, redirects included", async () => {
    run(`await fetch(${elsewhere}); return fetch(${elsewhere});`);
    expect((await edge.ask("/")).body).toBe("GET /there");
    run(`await fetch(${elsewhere}); await fetch(${elsewhere}); return fetch(${elsewhere});`);
    const tooMany = await edge.ask("/");
    expect(tooMany.status).toBe(500);
    expect(tooMany.body).toContain("Error 1202: Snippets exceeded subrequests limit");
    expect(seen.map(({ url }) => url)).toEqual(["/there", "/there", "/there", "/there"]);
    run(`return fetch("https://origin-small.example.com/moved");`);
    expect((await edge.ask("/")).body).toBe("GET /there");
    run(`await fetch(${elsewhere}); return fetch("https://origin-small.example.com/moved");`);
    expect((await edge.ask("/")).body).toContain("Error 1202");
  });

  it("that fail come back as Cloudflare's pages, which it may replace", async () => {
    run(`
      const response = await fetch("https://nowhere.test/");
      return response.ok ? response : new Response("sorry: " + response.status);`);
    expect((await edge.ask("/")).body).toBe("sorry: 530");
  });

  it("need no reader: what it leaves over is ended", async () => {
    let left!: Promise<unknown>;
    await edge.app("app.ondigitalocean.app", (request, response) => {
      left = new Promise((resolve) => request.socket.once("close", resolve));
      response.write("endless");
    });
    run(`await fetch("https://app.ondigitalocean.app/"); return new Response("done");`);
    expect((await edge.ask("/")).body).toBe("done");
    await left;
  });

  it("may become a websocket that it does not hand on, which then ends", async () => {
    const upgraded = echoWebsockets(
      await edge.app("app.ondigitalocean.app", (_, response) => response.end()),
    );
    run(`
      const { status } = await fetch(new Request("https://app.ondigitalocean.app/ws", request));
      return new Response("got " + status);`);
    expect((await refused(edge, "/ws")).body).toBe("got 101");
    expect(upgraded).toHaveLength(1);
    await expect.poll(() => upgraded[0]!.socket.destroyed).toBe(true);
  });
});

describe("a snippet that", () => {
  it.each([
    ["throws", `throw new Error("broken");`, "1206: Snippet threw exception", "Error: broken"],
    ["knows no word", `return wrod;`, "1206", "ReferenceError: wrod is not defined"],
    ["answers with a text", `return "hello";`, "1206", "answered with no response"],
    [
      "answers with what it has read",
      `const r = new Response("a"); await r.text(); return r;`,
      "1206",
      "answered with no response",
    ],
    [
      "copies a websocket's answer",
      `return new Response(null, { status: 101 });`,
      "1206",
      "RangeError",
    ],
    [
      "lets the request go on twice",
      `await fetch(request.clone()); return fetch(request);`,
      "1201: Snippet tried to continue to origin multiple times",
      "1201",
    ],
    [
      "catches that it broke a rule",
      `await fetch(request.clone());
       try { return await fetch(request); } catch { return new Response("hidden"); }`,
      "1201",
      "1201",
    ],
    ["goes on and on", `for (;;);`, "1203: Snippets exceeded CPU time limit", "1203"],
  ])("%s is answered for with a page", async (_, body, error, logged) => {
    run(body);
    const answer = await edge.ask("/?token=hidden-1");
    expect(answer.status).toBe(500);
    expect(answer.body).toContain(`Error ${error}`);
    expect(answer.body).not.toMatch(/broken|wrod/);
    expect(edge.log.join("\n")).toContain(logged);
    expect(edge.log.join("\n")).not.toContain("hidden-1");
    run(`return new Response("well again");`);
    expect((await edge.ask("/")).body).toBe("well again");
  });

  it("does not wait for a request that fails does no harm", async () => {
    run(`
      void fetch("https://nowhere.test/x").then(() => fetch("https://nowhere.test/y"));
      for (const path of ["a", "b", "c"]) void fetch("https://nowhere.test/" + path);
      return new Response("done");`);
    const answer = await edge.ask("/");
    expect(answer.body).toContain("Error 1202");
  });
});
