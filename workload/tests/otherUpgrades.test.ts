import { connect } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { call, raw, refusedUpgrade, until, watch } from "./support/client";
import { seen, setMode } from "./support/control";
import type { App } from "./support/programs";
import { newSuite, type Suite } from "./support/suite";

const offer = "Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n";
const once = "Host: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n";

/** Sends the parts one after the other on one connection, and resolves with the answers so far. */
async function exchange(
  app: App,
  parts: readonly string[],
  done: (answer: string) => boolean,
): Promise<string> {
  const socket = connect(app.port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString()));
  try {
    for (const part of parts) {
      socket.write(part);
      // Each part in a packet of its own.
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await until("the answers", () => done(answer));
    return answer;
  } finally {
    socket.destroy();
  }
}

const answers = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, code]) => code);

/** How many answers there are, for `exchange`. */
const number = (count: number) => (text: string) => answers(text).length === count;

describe("an offer of another protocol than websocket is passed over", () => {
  let suite: Suite, app: App;
  beforeAll(async () => {
    suite = await newSuite("offers");
    app = await suite.app();
  });

  it.each(["h2c", "TLS/1.0", "websocket2", "h2c, websocket"])("%s", async (protocol) => {
    const head = `Host: x\r\nConnection: Upgrade, close\r\nUpgrade: ${protocol}\r\n\r\n`;
    const health = await raw(app.port, `GET /healthz HTTP/1.1\r\n${head}`);
    expect(health).toMatch(/^HTTP\/1\.1 200 [^]*\{"status":"ok"\}$/);
    expect(await raw(app.port, `GET /api/users/me/cards HTTP/1.1\r\n${head}`)).toContain(
      '"code":"invalid_id"',
    );
  });

  it.each([
    ["at once", ['{"pack":"premium"}']],
    ["in parts", ['{"pack":', '"prem', 'ium"}']],
  ])("with a body that comes %s", async (name, parts) => {
    const head =
      `POST /api/users/1/drops HTTP/1.1\r\n${once}Content-Type: application/json\r\n` +
      `Idempotency-Key: offered-${name.replace(" ", "-")}\r\n`;
    const [first = "", ...rest] = parts;
    const [answer, chunked] = await Promise.all([
      exchange(app, [`${head}Content-Length: 18\r\n\r\n${first}`, ...rest], number(1)),
      exchange(
        app,
        [
          `${head.replace("offered", "chunked")}Transfer-Encoding: chunked\r\n\r\n`,
          ...parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`),
          "0\r\n\r\n",
        ],
        number(1),
      ),
    ]);
    for (const text of [answer, chunked]) {
      expect(text).toMatch(/^HTTP\/1\.1 201 /);
      expect(text).toContain('"pack":"premium"');
    }
  });

  it("counts such a body as any other", async () => {
    const text = await raw(
      app.port,
      `POST /api/users/1/drops HTTP/1.1\r\n${offer}Content-Type: application/json\r\n` +
        "Idempotency-Key: a-key-for-tests\r\nContent-Length: 100000000\r\n\r\n{",
    );
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("the connection stays, request after request, and costs nothing", async () => {
    const one = `GET /healthz HTTP/1.1\r\n${offer}\r\n`;
    const text = await exchange(app, Array<string>(30).fill(one), number(30));
    expect(new Set(answers(text))).toEqual(new Set(["200"]));
    expect(app.output()).not.toContain("MaxListenersExceededWarning");
  });

  it("who does not wait gets the answers in the order of the requests", async () => {
    const paths = ["/api/users/1/cards", "/healthz", "/api/users/x/cards", "/healthz"];
    const heads = [offer, "Host: x\r\n", offer, offer];
    const all = paths.map((path, at) => `GET ${path} HTTP/1.1\r\n${heads[at] ?? ""}\r\n`).join("");
    const text = await exchange(app, [all], number(4));
    expect(answers(text)).toEqual(["200", "200", "400", "200"]);
    expect(text).toMatch(/nextCursor[^]*"ok"[^]*invalid_id[^]*"ok"/);
  });

  it("who does not wait costs no more for that", async () => {
    const one = `GET /api/users/1/cards HTTP/1.1\r\n${offer}\r\n`;
    const text = await exchange(app, [one.repeat(30)], number(30));
    expect(new Set(answers(text))).toEqual(new Set(["200"]));
    expect(app.output()).not.toContain("MaxListenersExceededWarning");
  });

  it("such connections hold up nothing at the end", async () => {
    const ending = await suite.app();
    const socket = connect(ending.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(`GET /healthz HTTP/1.1\r\n${offer}\r\n`);
    await new Promise((resolve) => socket.once("data", resolve));
    ending.signal("SIGTERM");
    expect((await ending.ended).code).toBe(0);
  });

  it("is guarded and forwarded like any other request", async () => {
    const guarded = await suite.app({ ORIGIN_SECRET: "known-to-the-cdn" });
    expect(await raw(guarded.port, `GET /api/users/1/cards HTTP/1.1\r\n${once}\r\n`)).toMatch(
      /^HTTP\/1\.1 403 /,
    );
    const from = await newSuite("offersfrom");
    const old = await from.app();
    await setMode(from, "forward", app.url);
    await seen(old, "forward");
    const text = await raw(old.port, `GET /api/users/x/cards HTTP/1.1\r\n${once}\r\n`);
    expect(text).toContain('"code":"invalid_id"');
  });

  it("leaves websockets as they are", async () => {
    const watcher = await watch(app);
    watcher.socket.terminate();
    expect(await refusedUpgrade(app, "/healthz")).toBe(404);
    expect((await call(app, "/healthz")).status).toBe(200);
  });
});
