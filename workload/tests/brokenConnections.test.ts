import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { call, until } from "./support/client";
import { seen, setMode } from "./support/control";
import { query, withClient } from "./support/postgres";
import type { App } from "./support/programs";
import { newSuite, type Suite } from "./support/suite";

const slow = "GET /api/users/1/cards HTTP/1.1\r\nHost: x\r\n\r\n";
const offer = (protocol: string, path = "/healthz") =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n` +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

describe("a connection that breaks while it waits", () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = await newSuite("broken");
  });

  async function send(app: App, text: string): Promise<Socket> {
    const socket = connect(app.port, "127.0.0.1");
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.write(text, resolve));
    return socket;
  }

  /** Holds up every read of cards, and with it whatever is behind one on the same connection. */
  async function whileReadsWait(work: () => Promise<void>): Promise<void> {
    await withClient(suite.url("drops_owner"), async (holder) => {
      await holder.query("BEGIN; LOCK TABLE user_cards IN ACCESS EXCLUSIVE MODE");
      try {
        await work();
      } finally {
        await holder.query("ROLLBACK");
      }
    });
  }

  async function aReadWaits(): Promise<void> {
    await until("a read waits", async () => {
      const rows = await query(
        suite.url("postgres"),
        `SELECT FROM pg_stat_activity
          WHERE datname = current_database() AND usename = 'drops_app' AND wait_event_type = 'Lock'`,
      );
      return rows.length > 0;
    });
  }

  async function lives(app: App): Promise<void> {
    // Unheard, the reset would have ended the process by then: it comes before the answer.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await call(app, "/healthz")).status).toBe(200);
    expect(app.output()).not.toContain("a fault that nobody caught");
  }

  it.each([
    ["h2c", slow + offer("h2c")],
    ["h2c, with another request between", slow + slow + offer("h2c")],
    ["websocket", slow + offer("websocket", "/ws")],
    ["websocket that is refused", slow + offer("websocket", "/elsewhere")],
  ])("for an earlier answer, with an offer of %s", async (_name, text) => {
    const app = await suite.app();
    await whileReadsWait(async () => {
      const socket = await send(app, text);
      await aReadWaits();
      socket.resetAndDestroy();
      await lives(app);
    });
    await lives(app);
  });

  it("for the new tier's websocket", async () => {
    const silent = createServer();
    let waiting = 0;
    silent.on("upgrade", (_request, socket) => {
      waiting += 1;
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    const app = await suite.app();
    await setMode(suite, "forward", `http://127.0.0.1:${port}`);
    await seen(app, "forward");
    const socket = await send(app, offer("websocket", "/ws"));
    await until("it waits", () => waiting === 1);
    socket.resetAndDestroy();
    await lives(app);
    silent.closeAllConnections();
    silent.close();
    await setMode(suite, "open");
  });
});
