import { createServer } from "node:http";
import type { Socket } from "node:net";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { call, until, type Options } from "./support/client";
import { setMode } from "./support/control";
import { newSuite, type Suite } from "./support/suite";

let suite: Suite;
beforeAll(async () => {
  suite = await newSuite("forwardretry");
});

/**
 * A server in the mode `forward`, and a new tier that closes each connection when its second request
 * comes: what a client sees whose request crosses the closing of a kept connection.
 */
async function closingTier() {
  const met: string[] = [];
  const used = new WeakSet<Socket>();
  const tier = createServer((request, response) => {
    met.push(`${request.method ?? ""} ${request.url ?? ""}`);
    if (used.has(request.socket)) {
      request.socket.destroy();
      return;
    }
    used.add(request.socket);
    request.resume().on("end", () => response.end("fresh"));
  });
  await new Promise<void>((resolve) => tier.listen(0, "127.0.0.1", resolve));
  const target = `http://127.0.0.1:${(tier.address() as { port: number }).port}`;
  const app = await suite.app();
  onTestFinished(async () => {
    await app.stop();
    tier.closeAllConnections();
    tier.close();
  });
  await setMode(suite, "forward", target);
  await until("the new target", async () => {
    return (await call(app, "/readyz")).body.checks.control.forwardTo === target;
  });
  // One connection is kept from now on, and closed by whoever uses it next.
  expect((await call(app, "/first")).status).toBe(200);
  return { app, met };
}

const key = { "idempotency-key": "a-key-for-tests" };

it.each<[string, Options]>([
  ["a read", {}],
  ["a write with a key and no body", { method: "POST", headers: key }],
])("%s is asked again, once, where a kept connection was closed", async (_name, options) => {
  const { app, met } = await closingTier();
  const answer = await call(app, "/second", options);
  expect([answer.status, answer.body]).toEqual([200, "fresh"]);
  const asked = `${options.method ?? "GET"} /second`;
  expect(met).toEqual(["GET /first", asked, asked]);
});

it.each<[string, Options]>([
  ["a write without a key", { method: "POST" }],
  ["a write whose body is gone", { method: "POST", headers: key, body: "{}" }],
])("%s is not: it could happen twice, or by half", async (_name, options) => {
  const { app, met } = await closingTier();
  const answer = await call(app, "/second", options);
  expect([answer.status, answer.body.error.code]).toEqual([502, "forward_failed"]);
  expect(met).toEqual(["GET /first", "POST /second"]);
});

it("a new connection that is closed is no reason to ask again", async () => {
  let met = 0;
  const closing = createServer((request) => {
    met += 1;
    request.socket.destroy();
  });
  await new Promise<void>((resolve) => closing.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void closing.close());
  const app = await suite.app();
  const target = `http://127.0.0.1:${(closing.address() as { port: number }).port}`;
  await setMode(suite, "forward", target);
  await until("the new target", async () => {
    return (await call(app, "/readyz")).body.checks.control.forwardTo === target;
  });
  expect((await call(app, "/first")).status).toBe(502);
  expect(met).toBe(1);
});
