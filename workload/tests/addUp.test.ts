import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { call, openDrop, refund, until } from "./support/client";
import { query } from "./support/postgres";
import { needsRedis, newRedis, redisMissing } from "./support/redis";
import type { App } from "./support/programs";
import { newSuite, type Suite } from "./support/suite";

/** One step of a user's life; numbers choose among what there is at that moment. */
type Step =
  | { readonly kind: "open"; readonly user: number; readonly pack: "standard" | "premium" }
  | { readonly kind: "refund"; readonly user: number; readonly card: number }
  | { readonly kind: "look"; readonly user: number }
  | { readonly kind: "replay"; readonly past: number }
  | { readonly kind: "crash"; readonly process: number }
  | { readonly kind: "cut"; readonly process: number };

const user = fc.integer({ min: 1, max: 3 });
const which = fc.nat(1_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("open" as const),
      user,
      pack: fc.constantFrom("standard" as const, "premium" as const),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("refund" as const), user, card: which }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("look" as const), user }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("replay" as const), past: which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const), process: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cut" as const), process: fc.nat(1) }) },
);
/** Steps of a batch run at the same time, batches one after another. */
const life = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), {
  minLength: 3,
  maxLength: 7,
});

interface Sent {
  readonly user: number;
  readonly key: string;
  readonly send: (app: App) => ReturnType<typeof openDrop>;
  /** What was acknowledged first, if anything was. */
  answer?: { readonly status: number; readonly body: any };
}

describe.each([
  ["without Redis", false],
  ["with Redis", true],
])("%s", (_name, withRedis) => {
  const skip = withRedis && redisMissing;
  it.skipIf(skip)(
    `whatever the order of opens, refunds, replays and crashes, the cards add up${withRedis ? needsRedis : ""}`,
    async () => {
      const redis = withRedis ? await newRedis() : undefined;
      const suite = await newSuite(withRedis ? "adduprd" : "addup");
      const env: Record<string, string> = redis
        ? { REDIS_URL: redis.url, CACHE_TTL_SECONDS: "600" }
        : {};
      const apps = [await suite.app(env), await suite.app(env)];
      let run = 0;
      await fc.assert(
        fc.asyncProperty(life, async (batches) => {
          run += 1;
          await live(suite, apps, env, 1_000 * run, batches);
        }),
        { numRuns: 8, endOnFailure: true },
      );
      await redis?.remove();
    },
    120_000,
  );
});

async function live(
  suite: Suite,
  apps: App[],
  env: Record<string, string>,
  base: number,
  batches: readonly (readonly Step[])[],
): Promise<void> {
  const sent: Sent[] = [];
  const cards = new Map<number, string[]>();
  let made = 0;
  for (const batch of batches) {
    await Promise.all(
      batch.map(async (each, index) => {
        const app = apps[index % 2]!;
        switch (each.kind) {
          case "open":
          case "refund": {
            const id = base + each.user;
            const key = `step-${base}-${(made += 1)}`;
            const owned = cards.get(id) ?? [];
            const cardId = each.kind === "refund" ? owned[each.card % owned.length] : undefined;
            if (each.kind === "refund" && cardId === undefined) return;
            const request: Sent = {
              ...{ user: id, key },
              send: (to) =>
                each.kind === "open"
                  ? openDrop(to, id, key, { pack: each.pack })
                  : refund(to, id, cardId!, key),
            };
            sent.push(request);
            await deliver(request, app, cards);
            return;
          }
          case "look":
            // Fills the cache; what it shows in between is nobody's promise.
            await call(app, `/api/users/${base + each.user}/summary`).catch(() => undefined);
            return;
          case "replay":
            if (sent.length > 0) await deliver(sent[each.past % sent.length]!, app, cards);
            return;
          case "crash":
            apps[each.process]!.signal("SIGKILL");
            return;
          case "cut":
            await cutConnections(suite);
        }
      }),
    );
    for (const [index, app] of apps.entries()) {
      const gone = await Promise.race([app.ended.then(() => true), isUp(app)]);
      if (gone) apps[index] = await suite.app(env);
    }
  }
  // Whoever heard nothing asks again, until everything is settled.
  for (const request of sent) {
    await until("an answer", async () => {
      const { status } = await deliver(request, apps[0]!, cards);
      return status !== undefined && status !== 503 && status !== 500;
    });
  }
  for (const id of new Set(sent.map((request) => request.user))) await check(suite, apps, id, sent);
}

/** Resolves to false where the process answers, and never where it is gone. */
async function isUp(app: App): Promise<boolean> {
  try {
    await call(app, "/healthz");
    return false;
  } catch {
    await app.ended;
    return true;
  }
}

/** Sends, and holds the answer against an earlier one to the same key. */
async function deliver(
  request: Sent,
  app: App,
  cards: Map<number, string[]>,
): Promise<{ status: number | undefined }> {
  let answer;
  try {
    answer = await request.send(app);
  } catch {
    // The process died under it: nobody knows what became of it.
    return { status: undefined };
  }
  if (answer.status >= 500) {
    expect(answer.status).toBe(503);
    return { status: answer.status };
  }
  expect([200, 201, 409]).toContain(answer.status);
  if (answer.status === 409) return { status: answer.status };
  if (request.answer) {
    expect(answer.body).toEqual(request.answer.body);
  } else {
    request.answer = { status: answer.status, body: answer.body };
    const opened = (answer.body.drop?.cards ?? []) as { id: string }[];
    const owned = cards.get(request.user) ?? [];
    cards.set(request.user, [...owned, ...opened.map(({ id }) => id)]);
  }
  return { status: answer.status };
}

/** The cards, the account and what was acknowledged tell the same story, in every process. */
async function check(
  suite: Suite,
  apps: readonly App[],
  id: number,
  sent: readonly Sent[],
): Promise<void> {
  const done = sent.filter((request) => request.user === id && request.answer);
  const drops = done.flatMap(({ answer }) => (answer!.body.drop ? [answer!.body.drop] : []));
  const refunds = done.flatMap(({ answer }) => (answer!.body.refund ? [answer!.body.refund] : []));
  const opened = drops.flatMap((drop) => drop.cards as { id: string; priceCents: number }[]);
  const refunded = new Set(refunds.map(({ cardId }) => cardId as string));
  // Two refunds of one card were never both paid.
  expect(refunded.size).toBe(refunds.length);
  const price = (of: readonly { priceCents: number }[]) =>
    of.reduce((total, { priceCents }) => total + priceCents, 0);
  const expected = {
    userId: String(id),
    dropsOpened: drops.length,
    cardsOpened: opened.length,
    cardsHeld: opened.length - refunded.size,
    cardsRefunded: refunded.size,
    balanceCents: price(opened.filter((card) => refunded.has(card.id))),
    heldValueCents: price(opened.filter((card) => !refunded.has(card.id))),
  };
  for (const app of apps) {
    expect((await call(app, `/api/users/${id}/summary`)).body).toEqual(expected);
  }
  const rows = await query(
    suite.url("drops_owner"),
    "SELECT id::text, is_refunded FROM user_cards WHERE user_id = $1",
    [id],
  );
  expect(new Map(rows.map((row) => [row["id"], row["is_refunded"]]))).toEqual(
    new Map(opened.map((card) => [card.id, refunded.has(card.id)])),
  );
}

async function cutConnections(suite: Suite): Promise<void> {
  await query(
    suite.url("postgres"),
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND usename = 'drops_app'`,
  );
}
