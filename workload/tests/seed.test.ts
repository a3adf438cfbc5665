import { expect, it } from "vitest";
import { defaultPlan, seed } from "../seed/generate";
import { call } from "./support/client";
import { query, withClient } from "./support/postgres";
import { newSuite } from "./support/suite";

it("seeds users whose cards add up, the same for the same number, and again on top", async () => {
  const suites = [await newSuite("seed_a"), await newSuite("seed_b")];
  const plan = { ...defaultPlan, users: 300, firstUser: 50, refundPercent: 25, seed: 7 };
  const digests = [];
  for (const suite of suites) {
    const done = await withClient(suite.url("drops_app"), (client) => seed(client, plan));
    expect(done).toEqual({ drops: 1_200, cards: 6_000 });
    digests.push(
      await query(
        suite.url("drops_app"),
        "SELECT md5(string_agg(concat(user_id, name, rarity, is_refunded), ',' ORDER BY id)) AS digest FROM user_cards",
      ),
    );
  }
  expect(digests[0]).toEqual(digests[1]);
  const [suite] = suites;
  await withClient(suite!.url("drops_app"), (client) => seed(client, { ...plan, users: 10 }));
  const app = await suite!.app();
  for (const [user, drops] of [
    [50, 8],
    [349, 4],
  ] as const) {
    const { body } = await call(app, `/api/users/${user}/summary`);
    expect(body).toMatchObject({ dropsOpened: drops, cardsOpened: drops * 5 });
    expect(Number(body.cardsHeld) + Number(body.cardsRefunded)).toBe(drops * 5);
    const [row] = await query(
      suite!.url("drops_app"),
      "SELECT coalesce(sum(price_cents), 0)::int AS cents FROM user_cards WHERE user_id = $1 AND is_refunded",
      [user],
    );
    expect(body.balanceCents).toBe(row!["cents"]);
  }
  const [share] = await query(
    suite!.url("drops_app"),
    "SELECT avg(is_refunded::int)::float AS share FROM user_cards",
  );
  expect(share!["share"]).toBeGreaterThan(0.2);
  expect(share!["share"]).toBeLessThan(0.3);
});
