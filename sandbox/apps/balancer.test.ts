import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Balancer } from "./balancer";
import type { AppSpec } from "./spec";

const image = { registryType: "DOCR", repository: "drops", digest: "sha256:0" };
const spec: AppSpec = { name: "drops", services: [{ name: "web", image }] };

let stops: (() => unknown)[] = [];
let live: AppSpec | undefined = spec;
let ports: readonly number[] = [];
let balancer: Balancer;
let port = 0;

/** An instance that answers with its name. */
async function instance(name: string): Promise<number> {
  const server = createServer((incoming, outgoing) => {
    let body = "";
    incoming.on("data", (chunk: Buffer) => (body += chunk.toString()));
    incoming.on("end", () => {
      outgoing.setHeader("set-cookie", ["a=1", "b=2"]);
      const { url, method, headers } = incoming;
      outgoing.end(JSON.stringify({ name, url, method, headers, body }));
    });
  });
  server.on("upgrade", (_, socket) => {
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
    );
    socket.write("X-Instance: " + name + "\r\n\r\n");
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

beforeEach(async () => {
  live = spec;
  balancer = new Balancer({ spec: () => live, ports: () => ports });
  port = await deadPort();
  await balancer.listen(port);
});
afterEach(async () => {
  await balancer.close();
  for (const stop of stops) stop();
  stops = [];
});

interface Said {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly name?: string;
  readonly url?: string;
  readonly body?: string;
  readonly seen?: Readonly<Record<string, string>>;
}

async function ask(
  path = "/",
  { method = "GET", headers = {}, body }: { method?: string; headers?: object; body?: string } = {},
): Promise<Said> {
  return await new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host: "127.0.0.1", port, path, method, agent: false },
        headers: { host: "drops.example.org", ...headers },
      },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => {
          const { headers: seen, ...said } = (
            text.startsWith("{") ? JSON.parse(text) : {}
          ) as Partial<Said>;
          resolve({
            ...said,
            ...{ status: response.statusCode ?? 0, headers: response.headers, text },
            ...(seen && { seen: seen as Record<string, string> }),
          });
        });
      },
    );
    asked.once("error", reject).end(body);
  });
}

describe("the balancer", () => {
  it("asks the healthy instances one after the other", async () => {
    ports = [await instance("one"), await instance("two"), await instance("three")];
    const names = [];
    for (let count = 0; count < 6; count += 1) names.push((await ask()).name);
    expect(names).toEqual(["one", "two", "three", "one", "two", "three"]);
  });

  it("tells an instance who asks and how, and the visitor all that it answers", async () => {
    ports = [await instance("one")];
    const { seen, headers } = await ask("/cards?x=1", {
      headers: { "x-forwarded-for": "203.0.113.9", connection: "keep-alive", te: "trailers" },
    });
    expect(seen).toMatchObject({
      ...{ host: "drops.example.org", "x-forwarded-host": "drops.example.org" },
      ...{ "x-forwarded-for": "203.0.113.9, 127.0.0.1", "x-forwarded-proto": "https" },
      "do-connecting-ip": "127.0.0.1",
    });
    expect(headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    const plain = await ask("/", { headers: { "x-forwarded-proto": "http" } });
    expect(plain.seen?.["x-forwarded-proto"]).toBe("http");
  });

  it("passes bodies on, whole", async () => {
    ports = [await instance("one")];
    const body = "x".repeat(300_000);
    expect((await ask("/", { method: "POST", body })).body).toBe(body);
  });

  it("passes on what an instance says as it says it", async () => {
    const server = createServer((_, outgoing) => {
      outgoing.write("first\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    ports = [(server.address() as AddressInfo).port];
    const first = await new Promise<string>((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, agent: false }, (response) => {
        response.once("data", (chunk: Buffer) => {
          resolve(chunk.toString());
          asked.destroy();
        });
      });
      asked.once("error", reject).end();
    });
    expect(first).toBe("first\n");
  });

  it("asks another instance where one refuses the connection, if that repeats nothing", async () => {
    ports = [await deadPort(), await instance("two")];
    expect((await ask()).name).toBe("two");
    await ask();
    const posted = await ask("/", { method: "POST", body: "x" });
    expect(posted.status).toBe(502);
    ports = [await deadPort(), await deadPort()];
    expect((await ask()).status).toBe(502);
  });

  it("says so where nobody is there", async () => {
    ports = [];
    expect(await ask()).toMatchObject({ status: 503, text: "503 no_healthy_upstream\n" });
    live = undefined;
    expect(await ask()).toMatchObject({ status: 503, text: "503 no_deployment\n" });
  });

  it("follows the ingress rules", async () => {
    ports = [await instance("one")];
    live = {
      ...spec,
      ingress: {
        rules: [
          { match: { path: { prefix: "/api" } }, component: { name: "web" } },
          { match: { path: { prefix: "/old" } }, redirect: { uri: "/new", redirectCode: 301 } },
        ],
      },
    };
    expect((await ask("/api/cards?x=1")).url).toBe("/cards?x=1");
    expect(await ask("/old")).toMatchObject({
      ...{ status: 301, headers: { location: "https://drops.example.org/new" } },
    });
    expect((await ask("/other")).status).toBe(404);
  });
});

describe("a websocket", () => {
  const upgrade = async (): Promise<{ status: number; said: string; instance: unknown }> =>
    await new Promise((resolve, reject) => {
      const asked = request({
        ...{ host: "127.0.0.1", port, path: "/ws", agent: false },
        headers: { connection: "Upgrade", upgrade: "websocket" },
      });
      asked.once("upgrade", (response, socket) => {
        socket.write("ping");
        socket.once("data", (data: Buffer) => {
          const named = response.headers["x-instance"];
          resolve({ status: response.statusCode ?? 0, said: data.toString(), instance: named });
          socket.destroy();
        });
      });
      asked.once("response", (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, said: "", instance: undefined });
      });
      asked.once("error", reject).end();
    });

  it("is joined with an instance, bytes both ways, in turn as well", async () => {
    ports = [await instance("one"), await instance("two")];
    expect(await upgrade()).toEqual({ status: 101, said: "ping", instance: "one" });
    expect(await upgrade()).toEqual({ status: 101, said: "ping", instance: "two" });
  });

  it("is refused where no instance is there or it refuses", async () => {
    ports = [];
    expect((await upgrade()).status).toBe(503);
    ports = [await deadPort()];
    expect((await upgrade()).status).toBe(502);
  });
});
