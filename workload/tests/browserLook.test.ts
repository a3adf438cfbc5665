import { beforeAll, describe, expect, it } from "vitest";
import { accessibilityFaults, browserMissing, needsBrowser, picture } from "./support/browser";
import { openDrop, refund } from "./support/client";
import { newPages, type Pages } from "./support/pages";
import { query } from "./support/postgres";

let pages: Pages;
beforeAll(async () => {
  if (!browserMissing) pages = await newPages("look");
});

async function become(id: string, name: string, rarity: string, cents: number): Promise<void> {
  await query(
    pages.suite.url("drops_owner"),
    "UPDATE user_cards SET name = $2, rarity = $3, price_cents = $4 WHERE id = $1",
    [id, name, rarity, cents],
  );
}

const screens = [
  ["desktop", { width: 1280, height: 800 }],
  ["mobile", { width: 360, height: 740 }],
] as const;

describe.skipIf(browserMissing).each(screens)(
  `the page at the size of a %s${needsBrowser}`,
  (name, viewport) => {
    it.each(["light", "dark"] as const)("can be read by everyone, %s", async (colorScheme) => {
      const { page } = await pages.see(20, { viewport, colorScheme, reducedMotion: "reduce" });
      await openDrop(pages.app(), 21);
      const { body } = await openDrop(pages.app(), 20, undefined, { pack: "premium" });
      await refund(pages.app(), 20, body.drop.cards[4].id);
      await page.locator('[data-refunded="true"]').waitFor();
      // The rarest are too rare to wait for.
      await become(body.drop.cards[2].id, "Aurora", "epic", 500);
      await become(body.drop.cards[6].id, "The Deep", "legendary", 5_000);
      await page.getByLabel("Show refunded").check();
      await page.locator('[data-rarity="legendary"] h3').first().waitFor();
      await picture(page, `${name}-${colorScheme}`);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(viewport.width);
      expect(await accessibilityFaults(page)).toEqual([]);
    });
  },
);
