import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { call, openDrop, refund, refusedUpgrade, until } from "./support/client";
import { query } from "./support/postgres";
import type { App } from "./support/programs";
import { newSuite, type Suite } from "./support/suite";

let suite: Suite;
let app: App;
beforeAll(async () => {
  suite = await newSuite("api");
  app = await suite.app();
});

describe("a user's cards", () => {
  it("opens a drop and shows its cards, newest first", async () => {
    const opened = await openDrop(app, 1);
    expect(opened.status).toBe(201);
    expect(opened.body.drop).toMatchObject({ userId: "1", pack: "standard" });
    expect(opened.body.drop.cards).toHaveLength(5);
    expect(opened.body.drop.cards[0]).toEqual({
      id: expect.stringMatching(/^\d+$/),
      name: expect.any(String),
      rarity: expect.stringMatching(/^(common|rare|epic|legendary)$/),
      priceCents: expect.any(Number),
    });
    const { body } = await call(app, "/api/users/1/cards");
    expect(body.nextCursor).toBeNull();
    expect(body.cards).toHaveLength(5);
    const ids = body.cards.map((card: { id: string }) => Number(card.id));
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
    expect(body.cards[0]).toMatchObject({ dropId: opened.body.drop.id, isRefunded: false });
  });

  it("gives larger packs more cards", async () => {
    const { body } = await openDrop(app, 1, randomUUID(), { pack: "premium" });
    expect(body.drop.cards).toHaveLength(10);
  });

  it("refunds a card once, whoever asks again", async () => {
    const { body } = await openDrop(app, 2);
    const [card] = body.drop.cards;
    const key = randomUUID();
    const first = await refund(app, 2, card.id, key);
    expect(first.status).toBe(200);
    expect(first.body.refund).toMatchObject({
      cardId: card.id,
      userId: "2",
      priceCents: card.priceCents,
      balanceCents: card.priceCents,
    });
    const replay = await refund(app, 2, card.id, key);
    expect([replay.status, replay.body]).toEqual([200, first.body]);
    expect(replay.headers.get("idempotency-replayed")).toBe("true");
    const other = await refund(app, 2, card.id);
    expect([other.status, other.body.error.code]).toEqual([409, "already_refunded"]);
    const summary = await call(app, "/api/users/2/summary");
    expect(summary.body).toMatchObject({
      dropsOpened: 1,
      cardsOpened: 5,
      cardsHeld: 4,
      cardsRefunded: 1,
      balanceCents: card.priceCents,
    });
  });

  it("hides refunded cards unless asked", async () => {
    const { body } = await openDrop(app, 3);
    await refund(app, 3, body.drop.cards[0].id);
    const shown = await call(app, "/api/users/3/cards");
    const all = await call(app, "/api/users/3/cards?includeRefunded=true");
    expect(shown.body.cards).toHaveLength(4);
    expect(all.body.cards).toHaveLength(5);
    expect(all.body.cards.filter((card: { isRefunded: boolean }) => card.isRefunded)).toHaveLength(
      1,
    );
  });

  it("pages through all of them, each once", async () => {
    for (let drop = 0; drop < 3; drop += 1) await openDrop(app, 4);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body } = await call(
        app,
        `/api/users/4/cards?limit=4${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...body.cards.map((card: { id: string }) => card.id));
      cursor = body.nextCursor;
    }
    expect(new Set(seen).size).toBe(15);
    expect(seen).toHaveLength(15);
  });

  it("keeps users apart", async () => {
    const { body } = await openDrop(app, 5);
    const stolen = await refund(app, 6, body.drop.cards[0].id);
    expect([stolen.status, stolen.body.error.code]).toEqual([404, "card_not_found"]);
    const { body: empty } = await call(app, "/api/users/6/cards");
    expect(empty).toEqual({ cards: [], nextCursor: null });
  });
});

describe("idempotency keys", () => {
  it("replays the stored answer and opens nothing", async () => {
    const key = randomUUID();
    const first = await openDrop(app, 10, key);
    const again = await openDrop(app, 10, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect((await call(app, "/api/users/10/summary")).body.dropsOpened).toBe(1);
  });

  it("refuses a key that stood for another request", async () => {
    const key = randomUUID();
    const { body } = await openDrop(app, 11, key);
    expect((await openDrop(app, 11, key, { pack: "premium" })).status).toBe(422);
    expect((await refund(app, 11, body.drop.cards[0].id, key)).status).toBe(422);
  });

  it("lets other users have the same key", async () => {
    const key = randomUUID();
    expect((await openDrop(app, 12, key)).status).toBe(201);
    expect((await openDrop(app, 13, key)).headers.get("idempotency-replayed")).toBeNull();
  });

  it("does not spend a key on a refusal", async () => {
    const key = randomUUID();
    expect((await refund(app, 14, "999999999", key)).status).toBe(404);
    expect((await openDrop(app, 14, key)).status).toBe(201);
  });

  it("opens one drop for twenty requests at once", async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => openDrop(app, 15, key)));
    const fresh = answers.filter((answer) => !answer.headers.has("idempotency-replayed"));
    expect(answers.every((answer) => answer.status === 201)).toBe(true);
    expect(fresh).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.body.drop.id)).size).toBe(1);
    expect((await call(app, "/api/users/15/summary")).body.dropsOpened).toBe(1);
  });

  it("waits a little for a request with the same key, then says so", async () => {
    const { Client } = (await import("pg")).default;
    const holder = new Client({ connectionString: suite.url("drops_app") });
    await holder.connect();
    await holder.query("BEGIN");
    await holder.query(
      "INSERT INTO idempotency_keys (user_id, key, request_hash) VALUES (16, 'held-by-another', '')",
    );
    const waiting = await openDrop(app, 16, "held-by-another");
    expect([waiting.status, waiting.body.error.code]).toEqual([409, "idempotency_key_in_progress"]);
    expect(waiting.headers.get("retry-after")).toBe("1");
    await holder.query("ROLLBACK");
    await holder.end();
    expect((await openDrop(app, 16, "held-by-another")).status).toBe(201);
  });
});

describe("ids and logs", () => {
  it("takes over a request's id, unless it could do harm in a log", async () => {
    const given = await call(app, "/healthz", { headers: { "x-request-id": "trace-1" } });
    const wrong = await call(app, "/healthz", { headers: { "x-request-id": 'a"b{}' } });
    expect(given.headers.get("x-request-id")).toBe("trace-1");
    expect(wrong.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("logs a line for a request, without its query", async () => {
    await call(app, "/api/users/1/cards?limit=1&token=hush", {
      headers: { "x-request-id": "logged" },
    });
    const line = await until("the line", () =>
      app.lines().find((each) => each["requestId"] === "logged"),
    );
    expect(line).toMatchObject({
      msg: "request",
      path: "/api/users/1/cards",
      route: "/api/users/:userId/cards",
      status: 200,
    });
    expect(app.output()).not.toContain("hush");
  });
});

describe("the page", () => {
  const html = { headers: { accept: "text/html,*/*" } };
  it.each([
    ["/", html, 200, "no-cache"],
    ["/drops/17", html, 200, "no-cache"],
    ["/robots.txt", {}, 200, "no-cache"],
    ["/assets/index-abc123.js", {}, 200, "public, max-age=31536000, immutable"],
    ["/assets/index-gone.js", html, 404, "no-store"],
    ["/favicon.ico", html, 404, "no-store"],
    ["/drops/17", {}, 404, "no-store"],
    ["/../../etc/passwd", html, 200, "no-cache"],
    ["/%2e%2e/migrate.js", html, 404, "no-store"],
  ] as const)("%s %o", async (path, options, status, caching) => {
    const answer = await call(app, path, options);
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([status, caching]);
  });
});

it("lets nobody round the CDN in, where it shares a secret with it", async () => {
  const guarded = await suite.app({ ORIGIN_SECRET: "known-to-the-cdn" });
  const headers = { "x-origin-secret": "known-to-the-cdn" };
  for (const path of ["/", "/api/users/1/cards", "/assets/index-abc123.js"]) {
    const wrong = { headers: { "x-origin-secret": "guessed", accept: "text/html" } };
    expect((await call(guarded, path)).body.error.code).toBe("not_through_cdn");
    expect((await call(guarded, path, wrong)).status).toBe(403);
    expect(
      (await call(guarded, path, { headers: { ...headers, accept: "text/html" } })).status,
    ).toBe(200);
  }
  expect(await refusedUpgrade(guarded)).toBe(403);
  // Balancers come from inside.
  expect((await call(guarded, "/readyz")).status).toBe(200);
});

it("sets the headers that the document's nginx sets, in every answer", async () => {
  for (const path of ["/", "/api/users/x/cards", "/assets/index-abc123.js", "/nothing.txt"]) {
    const { headers } = await call(app, path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'self'; connect-src 'self'/,
    );
  }
});

it("answers health checks and keeps what it holds to itself", async () => {
  expect((await call(app, "/healthz")).body).toEqual({ status: "ok" });
  expect((await call(app, "/readyz")).body).toMatchObject({
    status: "ready",
    checks: { postgres: "up", redis: "not configured", control: { mode: "open", epoch: "1" } },
  });
  expect((await call(app, "/startupz")).body).toEqual({ status: "started" });
  const { headers } = await call(app, "/healthz");
  expect(headers.get("x-powered-by")).toBeNull();
  const [row] = await query(suite.url("postgres"), "SELECT count(*)::int AS n FROM drops");
  expect(row?.["n"]).toBeGreaterThan(0);
});
