import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  browserMissing,
  needsBrowser,
  newBrowser,
  picture,
  visit,
  type Visit,
} from "../../workload/tests/support/browser";
import { newSandbox } from "./fixture";
import { sandboxZone } from "../../sandbox/places";

const run = inject("engine") && !browserMissing;

/** What a person sees of the stack: a browser, the edge, the server, the app and its database. */
describe.skipIf(!run)(`the page through the edge in a real browser${needsBrowser}`, () => {
  const { drops, cloud } = newSandbox();
  let browser: Browser;
  beforeAll(async () => {
    browser = await newBrowser();
    const up = await drops("sandbox", "up", "small");
    expect(up.status, up.stdout + up.stderr).toBe(0);
  });
  afterAll(async () => {
    await browser.close();
  });

  const see = async (user: number): Promise<Visit> => {
    const { https } = (await cloud()).address.edge;
    // Chromium trusts an authority only where the whole account does. That the certificate is good
    // the other suites verify; here it is enough to know whose it is.
    const visitor = await visit(browser, `https://${sandboxZone.domain}:${https}/?user=${user}`, {
      ignoreHTTPSErrors: true,
    });
    await visitor.page.locator('.link[data-state="live"]').waitFor();
    return visitor;
  };
  const told = (page: Page, type: string) => page.locator(`.feed-line[data-type="${type}"]`);

  it("opens a drop and gives a card back, and two visitors read of both", async () => {
    const [own, other] = await Promise.all([see(31), see(32)]);
    const { page } = own;
    const tiles = page.locator("[data-card]");
    await page.getByText("No cards yet.").waitFor();
    await page.getByRole("button", { name: "Open a drop" }).click();
    await tiles.nth(4).waitFor();
    await tiles.first().getByRole("button").click();
    await tiles.first().getByText("Refunded").waitFor();
    await page.locator('[data-total="cards"]').getByText("4", { exact: true }).waitFor();

    for (const [{ page: reader }, who] of [
      [own, "You"],
      [other, "User 31"],
    ] as const) {
      await told(reader, "drop-opened").getByText(`${who} opened a drop`).waitFor();
      await told(reader, "card-refunded").getByText(`${who} refunded a card`).waitFor();
      await picture(reader, `sandbox-${who === "You" ? "own" : "other"}`);
    }
    // The other has seen it, not got it.
    expect(await other.page.locator("[data-card]").count()).toBe(0);
    expect([...own.faults, ...other.faults]).toEqual([]);
  });

  it("comes with the sandbox's own certificate", async () => {
    const { page } = await see(33);
    const response = await page.reload();
    expect(response?.status()).toBe(200);
    expect(await response?.securityDetails()).toMatchObject({ issuer: "Drops sandbox" });
  });
});
