import { existsSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { build } from "vite";

const places = [
  process.env["CHROMIUM_PATH"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const found = places.find((place) => place !== undefined && existsSync(place));
if (found === undefined && process.env["REQUIRE_ALL"] === "1") {
  throw new Error(
    "REQUIRE_ALL=1, but Chromium is missing: apt-get install chromium, or set CHROMIUM_PATH",
  );
}

/** The tests that need a browser are skipped under a name that says so. */
export const browserMissing = found === undefined;
export const needsBrowser = browserMissing
  ? " [not run: Chromium is missing; apt-get install chromium, or set CHROMIUM_PATH]"
  : "";

/** A name that is not `localhost`: there, plain http is no secure context. */
export const insecureHost = "drops.test";

export async function newBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: found!,
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      `--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`,
    ],
  });
}

/** What a hardened proxy in front would send as a header; the page must do with it. */
const POLICY =
  "default-src 'self'; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; " +
  "form-action 'self'";

/** Puts the built server beside the built page, as a release has them. */
export async function withPage(server: string, dist: string): Promise<void> {
  await cp(server, dist, { recursive: true });
  await build({
    configFile: join(__dirname, "../../web/vite.config.mts"),
    logLevel: "warn",
    build: { outDir: join(dist, "public"), emptyOutDir: true },
  });
  const index = join(dist, "public/index.html");
  const html = await readFile(index, "utf8");
  const policy = `<meta http-equiv="Content-Security-Policy" content="${POLICY}" />`;
  await writeFile(index, html.replace("<head>", `<head>${policy}`));
}

export interface Visit {
  readonly page: Page;
  /** Whatever the browser found wrong: exceptions, refused scripts and styles, failed requests. */
  readonly faults: string[];
}

/** A visitor of their own: no cookies, cache or storage shared with others. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await page.goto(url);
  return { page, faults };
}

const axe = createRequire(__filename).resolve("axe-core/axe.min.js");

/** Breaches of WCAG 2.2 AA that a program can see, as `rule: element`. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(axe, "utf8"));
  return await page.evaluate<string[]>(`axe.run(document, { runOnly: {
      type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    } }).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => id + ": " + html.slice(0, 160) + " " + (any[0]?.message ?? ""))))`);
}

/** Keeps a picture where `SCREENSHOTS` names a directory. */
export async function picture(page: Page, name: string): Promise<void> {
  const directory = process.env["SCREENSHOTS"];
  if (directory === undefined) return;
  await mkdir(directory, { recursive: true });
  await page.screenshot({ path: join(directory, `${name}.png`), animations: "disabled" });
}
