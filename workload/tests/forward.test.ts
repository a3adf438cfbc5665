import { createServer } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { call, openDrop, raw, refusedUpgrade, until, watch } from "./support/client";
import { drops, seen, setMode, shutOut, writers } from "./support/control";
import { freePort } from "./support/postgres";
import type { App } from "./support/programs";
import { newSuite, type Suite } from "./support/suite";

describe("forward", () => {
  let from: Suite, to: Suite, old: App, fresh: App;
  beforeEach(async () => {
    from = await newSuite("from");
    to = await newSuite("to");
    [old, fresh] = await Promise.all([from.app(), to.app()]);
  });

  it("hands over requests with their bodies, headers and answers", async () => {
    await setMode(from, "forward", fresh.url);
    await seen(old, "forward");
    const opened = await openDrop(old, 7, "forwarded-key", { pack: "premium" });
    expect(opened.status).toBe(201);
    expect((await openDrop(fresh, 7, "forwarded-key", { pack: "premium" })).body).toEqual(
      opened.body,
    );
    expect([await drops(from), await drops(to)]).toEqual([0, 1]);
    const wrong = await call(old, "/api/users/x/cards", { headers: { "x-request-id": "both" } });
    expect([wrong.status, wrong.body.error.requestId]).toEqual([400, "both"]);
    const page = await call(old, "/", { headers: { accept: "text/html" } });
    expect(page.body).toContain("<title>Drops</title>");
    // Its own health stays its own.
    expect((await call(old, "/readyz")).body.checks.control).toMatchObject({
      mode: "forward",
      forwardTo: fresh.url,
    });
  });

  it("sends visitors' websockets over, and new ones reach the new tier", async () => {
    const before = await watch(old);
    await setMode(from, "forward", fresh.url);
    expect(await before.closed).toEqual({ code: 1012, reason: "moved" });
    const after = await watch(old);
    const { body } = await openDrop(fresh, 8);
    await until("the event", () => after.messages.length === 1);
    expect(after.messages[0]).toMatchObject({ type: "drop-opened", dropId: body.drop.id });
    after.socket.send('{"type":"ping"}');
    await until("the answer", () => after.messages.some(({ type }) => type === "pong"));
    after.socket.close();
    expect((await after.closed).code).toBe(1005);
    expect(await refusedUpgrade(old, "/elsewhere")).toBe(404);
  });

  it("sends forwarded websockets away when the target changes or forwarding ends", async () => {
    await setMode(from, "forward", fresh.url);
    await seen(old, "forward");
    const first = await watch(old);
    const other = await to.app();
    await setMode(from, "forward", other.url);
    expect(await first.closed).toEqual({ code: 1012, reason: "moved" });
    const second = await watch(old);
    await setMode(from, "open");
    expect(await second.closed).toEqual({ code: 1012, reason: "moved" });
    const own = await watch(old);
    // The new tiers have nothing left that would hold them up, and the old one keeps its own.
    await Promise.all([fresh.stop(), other.stop()]);
    expect(own.socket.readyState).toBe(own.socket.OPEN);
    own.socket.terminate();
  });

  it("ends in time though forwarded websockets are open, one after the other", async () => {
    await setMode(from, "forward", fresh.url);
    await seen(old, "forward");
    const watchers = await Promise.all(Array.from({ length: 4 }, () => watch(old)));
    const times: number[] = [];
    watchers.forEach(({ socket }) => socket.on("close", () => times.push(Date.now())));
    old.signal("SIGTERM");
    expect((await old.ended).code).toBe(0);
    const closed = await Promise.all(watchers.map((watcher) => watcher.closed));
    expect(closed).toEqual(closed.map(() => ({ code: 1001, reason: "going away" })));
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(100);
    expect(old.lines().at(-1)).toMatchObject({ msg: "ended" });
  });

  it("counts forwarded websockets among its connections", async () => {
    const metrics = await freePort();
    const small = await from.app({
      ...{ WS_MAX_CONNECTIONS: "2", METRICS: "prometheus", METRICS_PORT: String(metrics) },
    });
    const counted = async () => {
      const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
      return Number(/^drops_websocket_connections\S* (\d+)/m.exec(text)?.[1]);
    };
    await setMode(from, "forward", fresh.url);
    await seen(small, "forward");
    const [first, second] = await Promise.all([watch(small), watch(small)]);
    expect(await refusedUpgrade(small)).toBe(503);
    expect(await counted()).toBe(2);
    first.socket.terminate();
    const third = await until("there is room", () => watch(small));
    for (const { socket } of [second, third]) socket.terminate();
    await until("they are gone", async () => (await counted()) === 0);
  });

  it("hands on no more of a body than it would take itself, whatever length it says", async () => {
    let arrived = 0;
    let brokenOff = false;
    const patient = createServer((request) => {
      request.on("data", (chunk: Buffer) => (arrived += chunk.length));
      request.on("error", () => (brokenOff = true));
    });
    await new Promise<void>((resolve) => patient.listen(0, "127.0.0.1", resolve));
    const { port } = patient.address() as { port: number };
    await setMode(from, "forward", `http://127.0.0.1:${port}`);
    await seen(old, "forward");
    const visitor = connect(old.port, "127.0.0.1");
    let answer = "";
    visitor.on("data", (chunk) => (answer += chunk.toString()));
    const chunk = `3000\r\n${"x".repeat(0x3000)}\r\n`;
    visitor.write(`POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`);
    await until("the first part", () => arrived === 0x3000);
    visitor.write(chunk);
    await until("an answer", () => answer !== "");
    expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*"code":"body_too_large"/);
    await until("it is told", () => brokenOff);
    expect(arrived).toBe(0x3000);
    visitor.destroy();
    patient.closeAllConnections();
    patient.close();
  });

  it("takes an HTTP/1.0 request that names no host", async () => {
    await setMode(from, "forward", fresh.url);
    await seen(old, "forward");
    expect(await raw(old.port, "GET /api/users/1/cards HTTP/1.0\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 200 /,
    );
  });

  it("loses no acknowledged write when the mode changes under traffic", async () => {
    const traffic = writers([old], 6);
    await until("writes flow", () => traffic.ids.length > 30);
    await setMode(from, "readonly");
    const kept = await drops(from);
    await setMode(from, "forward", fresh.url);
    await seen(old, "forward");
    await until("writes flow again", async () => (await drops(to)) > 30);
    await traffic.stop();
    expect(await drops(from)).toBe(kept);
    expect((await drops(from)) + (await drops(to))).toBe(traffic.ids.length);
  });

  it("keeps the secret of its own CDN to itself", async () => {
    const met: unknown[] = [];
    const spy = createServer((request, response) => {
      met.push(request.headers);
      response.end("{}");
    });
    await new Promise<void>((resolve) => spy.listen(0, "127.0.0.1", resolve));
    const { port } = spy.address() as { port: number };
    const guarded = await from.app({ ORIGIN_SECRET: "known-to-the-cdn" });
    await setMode(from, "forward", `http://127.0.0.1:${port}`);
    await seen(guarded, "forward");
    const headers = {
      "x-origin-secret": "known-to-the-cdn",
      connection: "close, x-private",
      "x-private": "1",
    };
    await raw(
      guarded.port,
      `GET /x HTTP/1.1\r\nHost: public.example\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join("")}x-forwarded-for: 203.0.113.9\r\n\r\n`,
    );
    expect(met).toEqual([
      expect.objectContaining({
        host: `127.0.0.1:${port}`,
        "x-forwarded-host": "public.example",
        "x-forwarded-for": "203.0.113.9, 127.0.0.1",
        "x-drops-forwarded": "1",
      }),
    ]);
    expect(Object.keys(met[0] as object)).not.toContain("x-origin-secret");
    expect(Object.keys(met[0] as object)).not.toContain("x-private");
    spy.closeAllConnections();
    spy.close();
  });

  it("answers 502 where the new tier is gone, and 504 where it is silent", async () => {
    await fresh.stop();
    await setMode(from, "forward", fresh.url);
    await seen(old, "forward");
    const gone = await call(old, "/api/users/1/cards");
    expect([gone.status, gone.body.error.code]).toEqual([502, "forward_failed"]);
    expect(await refusedUpgrade(old)).toBe(502);
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    const hasty = await from.app({ FORWARD_TIMEOUT_MS: "200" });
    await setMode(from, "forward", `http://127.0.0.1:${port}`);
    await until("the change", async () => (await call(hasty, "/api/users/1/cards")).status === 504);
    silent.closeAllConnections();
    silent.close();
  });

  it("ends a loop after three rounds, not when something runs out", async () => {
    await setMode(from, "forward", fresh.url);
    await setMode(to, "forward", old.url);
    await Promise.all([seen(old, "forward"), seen(fresh, "forward")]);
    const looped = await call(old, "/api/users/1/cards");
    expect([looped.status, looped.body.error.code]).toEqual([508, "forwarding_loop"]);
    const met = () =>
      [old, fresh].flatMap((app) =>
        app.lines().filter(({ msg, path }) => msg === "request" && path === "/api/users/1/cards"),
      );
    // The visitor's own request and three that were forwarded, the last of them refused.
    await until("all is logged", () => met().length >= 4);
    expect(met().map(({ status }) => status)).toEqual([508, 508, 508, 508]);
    expect(await refusedUpgrade(old)).toBe(508);
  });

  it.each([
    ["2", 200],
    ["3", 508],
    ["400", 508],
    ["-1", 508],
    ["many", 508],
  ])("a request that was forwarded %s times before: %i", async (hops, status) => {
    await setMode(from, "forward", fresh.url);
    await seen(old, "forward");
    const headers = { "x-drops-forwarded": hops };
    expect((await call(old, "/api/users/1/cards", { headers })).status).toBe(status);
  });

  it("says once more where it stands when the old database lets nobody in", async () => {
    await setMode(from, "forward", fresh.url);
    await seen(old, "forward");
    await shutOut(from);
    await until("the poll fails", async () => {
      const { body } = await call(old, "/readyz");
      return body.checks.postgres !== "up" && body;
    });
    const ready = await call(old, "/readyz");
    expect([ready.status, ready.body.checks.control.mode]).toEqual([200, "forward"]);
    expect((await openDrop(old, 9)).status).toBe(201);
  });

  afterEach(async () => {
    await Promise.all([old.stop(), fresh.stop()]);
  });
});
