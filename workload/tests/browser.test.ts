import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { browserMissing, insecureHost, needsBrowser, picture } from "./support/browser";
import { openDrop, refund, until } from "./support/client";
import { keysOf, live, newPages, type Pages, shows, tiles } from "./support/pages";
import { query } from "./support/postgres";

let pages: Pages;
beforeAll(async () => {
  if (!browserMissing) pages = await newPages("browser");
});

const openButton = (page: Page) => page.getByRole("button", { name: "Open a drop" });

async function total(page: Page, name: string): Promise<string> {
  return (await page.locator(`[data-total="${name}"]`).textContent()) ?? "";
}

describe.skipIf(browserMissing)(`the page in a real browser${needsBrowser}`, () => {
  it("opens a drop and refunds a card, and tells another visitor", async () => {
    const [own, other] = await Promise.all([pages.see(7), pages.see(8)]);
    const { page } = own;
    await page.getByText("No cards yet.").waitFor();
    await openButton(page).click();
    await shows(tiles(page), 5);
    await other.page.getByRole("log").getByText("User 7").waitFor();
    await other.page.getByRole("log").getByText("opened a drop").waitFor();
    await until("five cards", async () => (await total(page, "cards")) === "5");

    const first = tiles(page).first();
    await first.getByRole("button").click();
    await first.getByText("Refunded").waitFor();
    const price = await first.locator(".price").textContent();
    await until("the totals", async () => {
      return (await total(page, "cards")) === "4" && (await total(page, "refunded")) === price;
    });
    // Who works without a mouse must not be thrown back to the top.
    const focused = await page.evaluate(
      "document.activeElement?.closest('[data-card]')?.dataset.card",
    );
    expect(focused).toBe(await first.getAttribute("data-card"));
    await other.page.getByRole("log").getByText(`for ${price!}`).waitFor();

    await page.reload();
    await shows(tiles(page), 4);
    await page.getByLabel("Show refunded").check();
    await shows(tiles(page), 5);
    expect([...own.faults, ...other.faults]).toEqual([]);
  });

  it("follows what another window, or the API, does for the same user", async () => {
    const { page } = await pages.see(9);
    const { body } = await openDrop(pages.app(), 9, undefined, { pack: "premium" });
    await shows(tiles(page), 10);
    await refund(pages.app(), 9, body.drop.cards[0].id);
    await page.locator('[data-refunded="true"]').waitFor();
    await until("nine cards", async () => (await total(page, "cards")) === "9");
    await page.getByRole("log").getByText("You").first().waitFor();
  });

  it("comes back by itself after a restart, and shows what it missed", async () => {
    const { page } = await pages.see(10);
    const before = pages.app();
    before.signal("SIGTERM");
    await page.locator('.link[data-state="reconnecting"]').waitFor();
    await before.ended;
    const elsewhere = await pages.start();
    await openDrop(elsewhere, 10);
    await elsewhere.stop();
    expect(await tiles(page).count()).toBe(0);
    pages.replace(await pages.start(before.port));
    await live(page);
    await shows(tiles(page), 5);
  });

  it("waits while writes are paused, and makes the change once with the same key", async () => {
    const { page } = await pages.see(11);
    const keys = keysOf(page);
    await pages.setMode("readonly");
    await openButton(page).click();
    await page.getByText("Changes are paused for a moment.").waitFor();
    await page.getByText(/^Trying again in \d+ s$/).waitFor();
    await picture(page, "desktop-light-paused");
    expect(await tiles(page).count()).toBe(0);
    await pages.setMode("open");
    await shows(tiles(page), 5);
    await shows(page.locator(".notice"), 0);
    expect(keys.length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(1);
    expect(await pages.dropsOf(11)).toBe(1);
    await openButton(page).click();
    await shows(tiles(page), 10);
    expect(new Set(keys).size).toBe(2);
  });

  it("does not open a second drop where the answer to the first was lost", async () => {
    const { page } = await pages.see(12);
    const keys = keysOf(page);
    let lost = 0;
    await page.route("**/drops", async (route) => {
      if (lost > 0) {
        await route.continue();
        return;
      }
      lost += 1;
      await route.fetch();
      await route.abort("connectionreset");
    });
    await openButton(page).click();
    await shows(tiles(page), 5);
    await until("two tries", () => keys.length === 2);
    expect(new Set(keys).size).toBe(1);
    await shows(page.locator(".notice"), 0);
    expect(await pages.dropsOf(12)).toBe(1);
  });

  it("says what was refused, in words, and stops trying when told so", async () => {
    const { page } = await pages.see(13);
    await openDrop(pages.app(), 13);
    await shows(tiles(page), 5);
    await query(pages.suite.url("drops_owner"), "DELETE FROM user_cards WHERE user_id = 13");
    await tiles(page).first().getByRole("button").click();
    await page.getByText("This user has no such card.").waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await shows(page.locator(".notice"), 0);

    await pages.setMode("readonly");
    await openButton(page).click();
    await page.getByRole("button", { name: "Stop trying" }).click();
    await shows(page.locator(".notice"), 0);
    await pages.setMode("open");
    expect(await pages.dropsOf(13)).toBe(1);
  });

  it("works on plain http, where browsers have no randomUUID", async () => {
    const { page } = await pages.open(`http://${insecureHost}:${pages.app().port}/?user=14`);
    expect(await page.evaluate("isSecureContext || 'randomUUID' in crypto")).toBe(false);
    await live(page);
    await openButton(page).click();
    await shows(tiles(page), 5);
  });

  it("shows another user, under an address that can be kept", async () => {
    const { page } = await pages.see(15);
    await page.getByLabel("User", { exact: true }).fill("16");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.waitForURL("**/?user=16");
    await openDrop(pages.app(), 16);
    await shows(tiles(page), 5);
    await page.goBack();
    await page.getByText("No cards yet.").waitFor();
    await page.getByLabel("User", { exact: true }).fill("sixteen");
    await page.keyboard.press("Enter");
    await page.getByText("A user is a positive whole number.").waitFor();
  });
});
