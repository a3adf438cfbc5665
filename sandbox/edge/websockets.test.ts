import { once } from "node:events";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EdgeFixture, smallAddress, zoneOf } from "./testing/edgeFixture";
import {
  echoWebsockets,
  open as openAt,
  refused as refusedAt,
  until,
  upgradeHeaders,
  type Upgraded,
} from "./testing/websocketClient";
import { Websockets } from "./websockets";

let edge: EdgeFixture;
let upgraded: readonly Upgraded[];

beforeEach(async () => {
  edge = await EdgeFixture.open();
  const server = await edge.origin(smallAddress, (request, response) => {
    response.statusCode = request.url === "/full" ? 503 : 200;
    response.end(`${request.method ?? ""} ${request.url ?? ""}`);
  });
  upgraded = echoWebsockets(server);
});
afterEach(async () => {
  await edge.close();
});

const open = async (path?: string) => await openAt(edge, path);
const refused = async (path: string, headers: object = {}, secure = true) =>
  await refusedAt(edge, path, { headers, secure });

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
      "sec-websocket-key": upgradeHeaders["sec-websocket-key"],
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

describe("an edge of its own kind", () => {
  const silent = () =>
    new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _, done) => {
        written.push(chunk.toString("latin1"));
        done();
      },
    });
  const written: string[] = [];
  const response = new IncomingMessage(new Socket());
  response.rawHeaders = ["Server", "app", "Upgrade", "websocket"];
  const head = Buffer.alloc(0);

  it("adds its own words to an origin's consent, and ends what is silent for too long", async () => {
    const websockets = new Websockets({ own: (id) => [`Server: cdn ${id}`], idleTimeout: 150 });
    const [visitor, origin] = [silent(), silent()];
    const begun = Date.now();
    websockets.join({ socket: visitor, head }, { socket: origin, head, response }, "1");
    expect(written[0]).toBe(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nServer: cdn 1\r\n\r\n",
    );
    // A word from either side begins the wait anew.
    await sleep(100);
    origin.push("still here");
    await once(visitor, "close");
    expect(Date.now() - begun).toBeGreaterThan(230);
    expect([origin.destroyed, websockets.size]).toEqual([true, 0]);
  });
});
