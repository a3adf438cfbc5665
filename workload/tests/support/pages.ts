import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, inject } from "vitest";
import { newBrowser, type Visit, visit, withPage } from "./browser";
import { call, until } from "./client";
import { query } from "./postgres";
import { type App, startApp } from "./programs";
import { newSuite, type Suite } from "./suite";

/** A browser that visits the built server and page on a database of their own, for one test file. */
export interface Pages {
  readonly suite: Suite;
  /** The server that runs now. */
  app(): App;
  /** Starts another one; on the same port it takes the place of one that has ended. */
  start(port?: number): Promise<App>;
  replace(app: App): void;
  /** A visitor of their own, once the feed is live. They leave after the test. */
  see(userId: number, options?: BrowserContextOptions): Promise<Visit>;
  /** The same for any address; the feed is not waited for. */
  open(url: string): Promise<Visit>;
  setMode(mode: "open" | "readonly"): Promise<void>;
  dropsOf(userId: number): Promise<number>;
}

/** Visits of the test that runs. */
const visits: Visit[] = [];
const endings: (() => unknown)[] = [];
// Here, when the file is loaded: what a hook registers never runs.
afterEach(async () => {
  await Promise.all(visits.splice(0).map(({ page }) => page.context().close()));
});
afterAll(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

export async function newPages(name: string): Promise<Pages> {
  const directory = mkdtempSync(join(tmpdir(), "drops-page-"));
  endings.push(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const dist = join(directory, "dist");
  const [suite, browser] = await Promise.all([
    newSuite(name),
    newBrowser(),
    withPage(inject("dist"), dist),
  ]);
  endings.push(() => browser.close());
  const start = async (port = 0) =>
    await startApp(dist, { DATABASE_URL: suite.url("drops_app"), PORT: String(port) });
  let app = await start();
  endings.push(() => app.stop());
  const open = async (url: string, options: BrowserContextOptions = {}) => {
    const seen = await visit(browser, url, options);
    visits.push(seen);
    return seen;
  };
  return {
    ...{ suite, start, open },
    app: () => app,
    replace: (next) => (app = next),
    see: async (userId, options) => {
      const seen = await open(`${app.url}/?user=${userId}`, options);
      await live(seen.page);
      return seen;
    },
    setMode: async (mode) => {
      await query(
        suite.url("drops_owner"),
        "UPDATE drops_control SET mode = $1, epoch = epoch + 1, updated_at = now()",
        [mode],
      );
      await until(`mode ${mode}`, async () => {
        return (await call(app, "/readyz")).body.checks.control.mode === mode;
      });
    },
    dropsOf: async (userId) => {
      const text = "SELECT count(*)::int AS n FROM drops WHERE user_id = $1";
      const [row] = await query(suite.url("drops_owner"), text, [userId]);
      return Number(row?.["n"]);
    },
  };
}

export async function live(page: Page): Promise<void> {
  await page.locator('.link[data-state="live"]').waitFor();
}

export const tiles = (page: Page) => page.locator("[data-card]");

export async function shows(locator: Locator, count: number): Promise<void> {
  await until(`${count} of ${String(locator)}`, async () => (await locator.count()) === count);
}

/** The keys of the changes that the page asks for from now on. */
export function keysOf(page: Page): string[] {
  const keys: string[] = [];
  page.on("request", (request) => {
    const key = request.headers()["idempotency-key"];
    if (key !== undefined) keys.push(key);
  });
  return keys;
}
