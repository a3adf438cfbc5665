import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { writeAtOnce } from "../files";

/** Names under which functionRuntime/ finds the embedded cloud; nothing of AWS has them. */
export const apiUrl = "DROPS_SANDBOX_AWS_URL";
export const apiToken = "DROPS_SANDBOX_AWS_TOKEN";

/** Versions of a function's code that are kept: an old one may still run. */
const KEPT = 3;

const runtime = join(__dirname, "functionRuntime");

/** Where each call has what is told to its process, and what that says; it may hold secrets. */
export const callsIn = (directory: string): string => join(directory, "calls");

/** Puts a function's code where it finds its SDK; returns the directory of the code. */
export function unpack(
  directory: string,
  name: string,
  files: Readonly<Record<string, string>>,
): { readonly code: string; readonly runner: string } {
  const sdk = join(directory, "node_modules/@aws-sdk/client-ecs");
  const manifest = { name: "@aws-sdk/client-ecs", type: "module", exports: "./index.js" };
  const runner = join(directory, "runner.mjs");
  writeAtOnce(join(sdk, "package.json"), JSON.stringify(manifest), 0o600);
  copy("ecsClient.mjs", join(sdk, "index.js"));
  copy("runner.mjs", runner);
  const hash = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 12);
  const code = join(directory, `${name}-${hash}`);
  mkdirSync(code, { recursive: true, mode: 0o700 });
  for (const [path, text] of Object.entries(files)) {
    const place = normalize(join(code, path));
    if (!place.startsWith(`${code}/`)) throw new Error(`${path} leads out of the archive`);
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    writeAtOnce(place, text, 0o600);
  }
  const now = new Date();
  utimesSync(code, now, now);
  tidyVersions(directory, name);
  return { code, runner };
}

function copy(file: string, to: string): void {
  writeAtOnce(to, readFileSync(join(runtime, file), "utf8"), 0o600);
}

/** Deletes all versions of a function's code but those that ran last. */
function tidyVersions(directory: string, name: string): void {
  const versions = readdirSync(directory)
    .filter((entry) => entry.slice(0, -13) === name && /-[0-9a-f]{12}$/.test(entry))
    .map((entry) => join(directory, entry))
    .map((path) => ({ path, at: statSync(path).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of versions.slice(KEPT)) rmSync(path, { recursive: true, force: true });
}
