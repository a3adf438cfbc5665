import { createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { call, refusedUpgrade, until, watch } from "./support/client";
import { setMode } from "./support/control";
import type { App } from "./support/programs";
import { newSuite, type Suite } from "./support/suite";

let suite: Suite;
beforeAll(async () => {
  suite = await newSuite("wsforward");
});

/** A server in the mode `forward`, and a stand-in for the new tier that keeps what it meets. */
async function joined(env: Readonly<Record<string, string>> = {}) {
  const requests: IncomingMessage[] = [];
  const sockets: WebSocket[] = [];
  const http = createServer();
  const tier = new WebSocketServer({ server: http });
  tier.on("connection", (socket, request) => {
    requests.push(request);
    sockets.push(socket);
  });
  const app = await suite.app(env);
  await forwardTo(app, http);
  onTestFinished(async () => {
    for (const socket of sockets) socket.terminate();
    await app.stop();
  });
  return { app, requests, sockets };
}

async function forwardTo(app: App, http: ReturnType<typeof createServer>): Promise<void> {
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const { port } = http.address() as { port: number };
  const target = `http://127.0.0.1:${port}`;
  await setMode(suite, "forward", target);
  await until("the new target", async () => {
    return (await call(app, "/readyz")).body.checks.control.forwardTo === target;
  });
}

interface Visitor {
  readonly socket: WebSocket;
  readonly received: { readonly data: string; readonly isBinary: boolean }[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

async function visit(
  app: App,
  path = "/ws",
  ...rest: [string[]?, { headers: Record<string, string> }?]
): Promise<Visitor> {
  const socket = new WebSocket(`ws://127.0.0.1:${app.port}${path}`, ...rest);
  const received: Visitor["received"] = [];
  socket.on("message", (data, isBinary) => {
    received.push({ data: (data as Buffer).toString(), isBinary });
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => {
      resolve({ code, reason: reason.toString() });
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("error", reject);
  });
  return { socket, received, closed };
}

describe("a forwarded websocket", () => {
  it("carries text and binary both ways, in order, and the subprotocol", async () => {
    const { app, sockets } = await joined();
    const { socket, received } = await visit(app, "/ws", ["first", "second"]);
    expect([socket.protocol, sockets[0]!.protocol]).toEqual(["first", "first"]);
    const back: string[] = [];
    sockets[0]!.on("message", (data, isBinary) => {
      back.push(`${(data as Buffer).toString()} ${isBinary}`);
    });
    for (let count = 0; count < 50; count += 1) {
      sockets[0]!.send(count % 2 ? Buffer.from(`${count}`) : `${count}`);
    }
    await until("all of them", () => received.length === 50);
    expect(received).toEqual(
      Array.from({ length: 50 }, (_, count) => ({ data: `${count}`, isBinary: count % 2 === 1 })),
    );
    socket.send("hello");
    socket.send(Buffer.from("bytes"));
    await until("both", () => back.length === 2);
    expect(back).toEqual(["hello false", "bytes true"]);
  });

  it("asks with the visitor's headers, and leads nowhere but to the new tier", async () => {
    const { app, requests } = await joined({ ORIGIN_SECRET: "known-to-the-cdn" });
    const headers = {
      "x-origin-secret": "known-to-the-cdn",
      authorization: "Bearer visitor",
      cookie: "a=b",
      origin: "https://drops.example",
      "x-drops-forwarded": "1",
    };
    await visit(app, "//elsewhere.invalid/ws?a=1?b", [], { headers });
    expect(requests[0]).toMatchObject({ url: "//elsewhere.invalid/ws?a=1?b" });
    expect(requests[0]!.headers).toMatchObject({
      ...{ authorization: "Bearer visitor", cookie: "a=b", origin: "https://drops.example" },
      ...{ "x-drops-forwarded": "2", "x-forwarded-for": "127.0.0.1" },
      "x-forwarded-host": `127.0.0.1:${app.port}`,
    });
    expect(Object.keys(requests[0]!.headers)).not.toContain("x-origin-secret");
  });

  it("is closed for the reason that the other side gives", async () => {
    const { app, sockets } = await joined();
    const told = await visit(app);
    sockets[0]!.close(4_000, "because");
    expect(await told.closed).toEqual({ code: 4_000, reason: "because" });
    const cut = await visit(app);
    sockets[1]!.terminate();
    expect(await cut.closed).toEqual({ code: 1_014, reason: "the new tier is gone" });
    const leaving = await visit(app);
    const left = new Promise((resolve) => sockets[2]!.on("close", resolve));
    leaving.socket.close(4_001, "enough");
    expect(await left).toBe(4_001);
    const gone = await visit(app);
    const lost = new Promise((resolve) => sockets[3]!.on("close", resolve));
    gone.socket.terminate();
    expect(await lost).toBe(1_006);
    expect((await call(app, "/healthz")).status).toBe(200);
  });

  it("lets in no larger message than one served here", async () => {
    const { app, sockets } = await joined();
    const { socket, closed } = await visit(app);
    const lost = new Promise((resolve) => sockets[0]!.on("close", resolve));
    socket.send("x".repeat(5_000));
    expect((await closed).code).toBe(1_009);
    await lost;
  });

  it("lets go of a visitor who does not take what the new tier sends", async () => {
    const { app, sockets } = await joined();
    const { socket } = await visit(app);
    socket.pause();
    const lost = new Promise((resolve) => sockets[0]!.on("close", resolve));
    // More than the connections' own buffers hold.
    const flood = setInterval(() => {
      for (let count = 0; count < 8; count += 1) sockets[0]!.send("x".repeat(200_000));
    }, 5);
    await lost;
    clearInterval(flood);
    socket.terminate();
  });

  it.each(["visitor", "new tier"])("finds a %s that is silently gone", async (who) => {
    const { app, sockets } = await joined({ WS_HEARTBEAT_MS: "1000" });
    const { socket, closed } = await visit(app);
    const lost = new Promise((resolve) => sockets[0]!.on("close", resolve));
    if (who === "visitor") {
      socket.pause();
      await lost;
      socket.terminate();
    } else {
      sockets[0]!.pause();
      expect((await closed).code).toBe(1_014);
    }
  });
});

describe("a websocket that the new tier does not open", () => {
  it("is refused where the new tier is silent, and waits for it no longer", async () => {
    const app = await suite.app({ FORWARD_TIMEOUT_MS: "300" });
    const silent = createServer();
    silent.on("upgrade", () => undefined);
    await forwardTo(app, silent);
    expect(await refusedUpgrade(app)).toBe(504);
  });

  it("is refused with the new tier's own status, and malformed ones with 400", async () => {
    const { app } = await joined();
    const busy = createServer((_request, response) => response.writeHead(429).end("later"));
    await forwardTo(app, busy);
    expect(await refusedUpgrade(app)).toBe(429);
    const ask = async (header: string) => {
      const socket = connect(app.port, "127.0.0.1");
      socket.write(
        `GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${header}\r\n\r\n`,
      );
      return await new Promise((resolve) => {
        socket.once("data", (data) => {
          resolve(Number(data.toString().split(" ")[1]));
        });
      });
    };
    expect(await ask("Sec-WebSocket-Protocol: a, a")).toBe(400);
    expect(await ask("Sec-WebSocket-Protocol: a b")).toBe(400);
  });

  it.each([
    ["7", "7"],
    ["Wed, 21 Oct 2026 07:28:00 GMT", null],
    [undefined, null],
  ])("is told when to come back, as the new tier says: %s", async (said, expected) => {
    const { app } = await joined();
    const headers = { "x-other": "1", ...(said !== undefined && { "retry-after": said }) };
    const full = createServer((_request, response) => response.writeHead(503, headers).end());
    await forwardTo(app, full);
    const told = await new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${app.port}/ws`);
      socket.on("error", () => undefined);
      socket.on("unexpected-response", (_request, response) => {
        resolve([response.statusCode, response.headers["retry-after"] ?? null]);
        response.resume();
        socket.terminate();
      });
    });
    expect(told).toEqual([503, expected]);
  });

  it("holds up neither a switch nor the end", async () => {
    const app = await suite.app({ SHUTDOWN_TIMEOUT_MS: "20000" });
    const silent = createServer();
    let waiting = 0;
    silent.on("upgrade", () => (waiting += 1));
    await forwardTo(app, silent);
    const first = refusedUpgrade(app);
    await until("it waits", () => waiting === 1);
    await setMode(suite, "forward", "http://127.0.0.1:9");
    expect(await first).toBe(503);
    await forwardTo(
      app,
      createServer().on("upgrade", () => (waiting += 1)),
    );
    void refusedUpgrade(app);
    await until("another waits", () => waiting === 2);
    app.signal("SIGTERM");
    expect((await app.ended).code).toBe(0);
  });
});

it("a switch back takes visitors home", async () => {
  const { app } = await joined();
  const { closed } = await visit(app);
  await setMode(suite, "open");
  expect(await closed).toEqual({ code: 1_012, reason: "moved" });
  const own = await watch(app);
  own.socket.terminate();
});
