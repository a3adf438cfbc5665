import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { reconnectDelay } from "./backoff";
import { FeedConnection, type Link } from "./connection";
import type { FeedEvent } from "./messages";

class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((end: { code: number }) => void) | null = null;
  readonly sent: string[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.closed = true;
  }
}

const links: Link[] = [];
const events: FeedEvent[] = [];
const sockets: FakeSocket[] = [];
let connection: FeedConnection;

const states = () => links.map(({ state }) => state);
function newest(): FakeSocket {
  const socket = sockets.at(-1);
  if (!socket) throw new Error("no socket yet");
  return socket;
}

beforeEach(() => {
  vi.useFakeTimers();
  for (const list of [links, events, sockets]) list.length = 0;
  connection = new FeedConnection({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    onLink: (link) => links.push(link),
    onEvent: (event) => events.push(event),
    random: () => 0.5,
  });
});

afterEach(() => {
  connection.close();
  vi.useRealTimers();
});

describe("a connection", () => {
  it("tells what comes in", () => {
    newest().onopen?.();
    const event = { type: "card-refunded", id: "x", userId: "7", at: "now" };
    const data = JSON.stringify({ ...event, cardId: "1", priceCents: 25 });
    newest().onmessage?.({ data: '{"type":"welcome"}' });
    newest().onmessage?.({ data });
    expect(events.map(({ id }) => id)).toEqual(["x"]);
    expect(states()).toEqual(["connecting", "live"]);
  });

  it.each([1001, 1012])("comes back at once when it is sent away with %i", (code) => {
    newest().onopen?.();
    vi.advanceTimersByTime(5_000);
    newest().onclose?.({ code });
    expect(links.at(-1)).toEqual({ state: "reconnecting", at: Date.now() + 200 });
    vi.advanceTimersByTime(200);
    expect(sockets).toHaveLength(2);
    newest().onopen?.();
    expect(states()).toEqual(["connecting", "live", "reconnecting", "connecting", "live"]);
  });

  it("waits longer each time that it fails, and starts afresh after a success", () => {
    const waits = Array.from({ length: 8 }, () => {
      newest().onclose?.({ code: 1006 });
      const link = links.at(-1);
      const wait = link?.state === "reconnecting" ? link.at - Date.now() : -1;
      vi.advanceTimersByTime(wait);
      return wait;
    });
    expect(waits).toEqual([375, 750, 1_500, 3_000, 6_000, 11_250, 11_250, 11_250]);
    newest().onopen?.();
    vi.advanceTimersByTime(1_000);
    newest().onclose?.({ code: 1006 });
    expect(links.at(-1)).toEqual({ state: "reconnecting", at: Date.now() + 375 });
  });

  it("does not spin where it is let in and sent away again and again", () => {
    const accept = setInterval(() => {
      newest().onopen?.();
      newest().onclose?.({ code: 1001 });
    }, 50);
    vi.advanceTimersByTime(10_000);
    clearInterval(accept);
    expect(sockets.length).toBeLessThan(10);
  });

  it("notices a connection on which nothing comes any more", () => {
    newest().onopen?.();
    vi.advanceTimersByTime(25_000);
    expect(newest().sent).toEqual(['{"type":"ping"}']);
    newest().onmessage?.({ data: '{"type":"pong"}' });
    vi.advanceTimersByTime(25_000);
    const dead = newest();
    expect(dead.sent).toHaveLength(2);
    vi.advanceTimersByTime(10_000);
    expect(dead.closed).toBe(true);
    expect(states().at(-1)).toBe("reconnecting");
  });

  it("hurries when it may work again, and only where it waits", () => {
    connection.hurry();
    expect(sockets).toHaveLength(1);
    newest().onclose?.({ code: 1006 });
    connection.hurry();
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(2);
  });

  it("stays away once it is closed", () => {
    newest().onopen?.();
    connection.close();
    expect(newest().closed).toBe(true);
    vi.advanceTimersByTime(120_000);
    connection.hurry();
    expect(sockets).toHaveLength(1);
  });
});

describe("the delay", () => {
  it("is spread, so that a crowd does not come back as one", () => {
    const end = { code: 1006, livedMs: 0, failures: 3 };
    expect(reconnectDelay(end, () => 0)).toBe(2_000);
    expect(reconnectDelay(end, () => 1)).toBe(4_000);
    const away = { code: 1012, livedMs: 60_000, failures: 0 };
    expect(reconnectDelay(away, () => 0)).toBe(0);
    expect(reconnectDelay(away, () => 1)).toBe(400);
  });
});
