import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EdgeFixture, read, smallAddress, zoneOf } from "./testing/edgeFixture";

const headers = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-version": "13",
};

let edge: EdgeFixture;
/** The origin's sockets, which echo what they read. */
let upgraded: { readonly request: IncomingMessage; readonly socket: Duplex }[];

beforeEach(async () => {
  upgraded = [];
  edge = await EdgeFixture.open();
  const server = await edge.origin(smallAddress, (request, response) => {
    response.statusCode = request.url === "/full" ? 503 : 200;
    response.end(`${request.method ?? ""} ${request.url ?? ""}`);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url === "/full") {
      socket.end("HTTP/1.1 503 Full\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nfull");
      return;
    }
    upgraded.push({ request, socket });
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"] ?? ""}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\nhello`,
    );
    socket.write(head);
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
});
afterEach(async () => {
  await edge.close();
});

interface Opened {
  readonly response: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

const open = async (path = "/ws", secure = true): Promise<Opened> =>
  await new Promise((resolve, reject) => {
    const request = edge.request(path, { headers, secure });
    request.on("upgrade", (response, socket, head) => {
      resolve({ response, socket, head });
    });
    request.on("response", (response) => {
      reject(new Error(`answered ${response.statusCode ?? 0}`));
    });
    request.on("error", reject);
    request.end();
  });

const refused = async (path: string, changed: object = {}, secure = true) =>
  await new Promise<Awaited<ReturnType<typeof read>>>((resolve, reject) => {
    const request = edge.request(path, { headers: { ...headers, ...changed }, secure });
    request.on("response", (response) => {
      resolve(read(response));
    });
    request.on("upgrade", () => {
      reject(new Error("the upgrade went through"));
    });
    request.on("error", reject);
    request.end();
  });

const until = async (socket: Duplex, length: number, head: Buffer): Promise<Buffer> => {
  const chunks = [head];
  for (let size = head.length; size < length;) {
    const chunk = socket.read() as Buffer | null;
    if (!chunk) await new Promise((resolve) => socket.once("readable", resolve));
    else size += chunks[chunks.push(chunk) - 1]!.length;
  }
  return Buffer.concat(chunks);
};

describe("a websocket", () => {
  it("passes both ways", async () => {
    const { response, socket, head } = await open("/ws?room=1");
    expect(response.statusCode).toBe(101);
    expect(response.headers).toMatchObject({
      "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
      server: "cloudflare",
    });
    expect(upgraded[0]!.request.url).toBe("/ws?room=1");
    expect(upgraded[0]!.request.headers).toMatchObject({
      "cf-connecting-ip": "127.0.0.1",
      "x-forwarded-proto": "https",
      "sec-websocket-key": headers["sec-websocket-key"],
    });
    expect(edge.running.stats().websockets).toBe(1);
    const sent = Buffer.alloc(3_000_000, "drops");
    socket.write(sent);
    const echo = await until(socket, sent.length + 5, head);
    expect(echo.equals(Buffer.concat([Buffer.from("hello"), sent]))).toBe(true);
    socket.destroy();
    await expect.poll(() => edge.running.stats().websockets).toBe(0);
  });

  it("ends at the origin when the visitor leaves", async () => {
    const { socket } = await open();
    const ended = new Promise((resolve) => upgraded[0]!.socket.once("close", resolve));
    socket.destroy();
    await ended;
  });

  it("ends at the visitor when the origin leaves", async () => {
    const { socket } = await open();
    const ended = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    socket.resume();
    upgraded[0]!.socket.destroy();
    await ended;
  });

  it("waits for a visitor who does not read", async () => {
    const { socket } = await open();
    socket.pause();
    const origin = upgraded[0]!.socket;
    let written = 0;
    const chunk = Buffer.alloc(1_000_000);
    while (written < 100 && origin.write(chunk)) written++;
    while (written < 100 && origin.writableLength < 60_000_000) {
      origin.write(chunk);
      written++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    // The edge did not take it all in: most of it is still with the origin.
    expect(origin.writableLength).toBeGreaterThan(40_000_000);
    socket.destroy();
  });

  it("ends when the edge stops", async () => {
    const { socket } = await open();
    socket.on("error", () => undefined).resume();
    const ended = new Promise((resolve) => socket.once("close", resolve));
    await edge.running.stop();
    await ended;
  });

  it("gets the origin's refusal as it is", async () => {
    const answer = await refused("/full");
    expect(answer).toMatchObject({ status: 503, body: "full" });
    expect(answer.headers).toMatchObject({ "retry-after": "7", connection: "close" });
  });

  it("is refused where the zone has switched it off", async () => {
    const zone = zoneOf();
    edge.zones = [{ ...zone, settings: { ...zone.settings, websockets: "off" } }];
    const answer = await refused("/ws");
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("Websockets are switched off");
    expect(upgraded).toEqual([]);
  });

  it("goes through the rules before the origin", async () => {
    expect((await refused("/ws", {}, false)).status).toBe(301);
    edge.zones = [zoneOf({ rateLimit: { requestsPerPeriod: 1 } })];
    (await open()).socket.destroy();
    expect((await refused("/ws")).status).toBe(429);
    edge.routes.clear();
    edge.now += 10_000;
    expect((await refused("/ws")).status).toBe(521);
  });

  it("is the only upgrade there is: others are ordinary requests", async () => {
    const answer = await refused("/page", { upgrade: "h2c", "http2-settings": "AAMAAABk" });
    expect(answer).toMatchObject({ status: 200, body: "GET /page" });
  });
});
