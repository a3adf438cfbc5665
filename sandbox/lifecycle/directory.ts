import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../../report/stackFile";
import { checkout } from "../places";

/** Tells a sandbox's directory from everybody else's: names of files may be anybody's. */
export const markerName = ".drops-sandbox";
const markerText =
  "A sandbox of drops: `npx drops sandbox reset` deletes this directory and all that is in it.\n";

/** Where the sandbox of a `--dir` is; behind a link it is the link's end that is deleted one day. */
export function rootOf(directory: string | undefined): string {
  const root = resolve(directory ?? join(checkout, ".sandbox"));
  return existsSync(root) ? realpathSync(root) : root;
}

/**
 * Refuses a directory that a sandbox cannot have to itself: it is deleted as a whole one day.
 *
 * @throws UsageError
 */
export function requireDirectory(root: string): void {
  const there = nearest(root);
  if (!existsSync(there)) {
    throw new UsageError(
      `--dir ${root}: ${there} is a link to ${readlinkSync(there)}, which is not there; ` +
        "make that directory, or name another",
    );
  }
  if (!statSync(there).isDirectory()) {
    throw new UsageError(
      `--dir ${root}: ${there} is a file; name a directory, or one that can be made`,
    );
  }
  try {
    accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    throw new UsageError(
      `--dir ${root}: you may not write to ${there}; name a directory of yours, or see ` +
        `\`ls -ld ${there}\``,
    );
  }
  if (there !== root) return;
  // Whoever is killed while it makes its marker leaves an empty one, and nothing else.
  const names = readdirSync(root).filter((name) => name !== markerName);
  if (names.length === 0 || isMarked(root)) return;
  throw new UsageError(
    `--dir ${root}: it is no sandbox (it has no ${markerName}), it holds ` +
      `${names.slice(0, 3).join(", ")}; name an empty directory, a new one, or a sandbox's ` +
      "(it is deleted as a whole in the end)",
  );
}

/**
 * Makes a directory a sandbox's.
 *
 * @throws UsageError where it is another's, or the system refuses, whatever the reason.
 */
export function makeDirectory(root: string): void {
  requireDirectory(root);
  const missing: string[] = [];
  for (let at = root; !existsSync(at); at = dirname(at)) missing.unshift(at);
  try {
    // One by one: `recursive` never returns from a file system that refuses with ENOENT, as /proc does.
    for (const path of missing) mkdirSync(path, { mode: 0o700 });
    markDirectory(root);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another command made it in the meantime.
    if (code === "EEXIST") {
      makeDirectory(root);
      return;
    }
    throw new UsageError(
      `--dir ${root}: it cannot be made (${String(code)}); name a directory of yours`,
    );
  }
}

/** Marks a directory that is known to be a sandbox's. */
export function markDirectory(root: string): void {
  if (!isMarked(root)) writeFileSync(join(root, markerName), markerText, { mode: 0o600 });
}

function isMarked(root: string): boolean {
  try {
    return readFileSync(join(root, markerName), "utf8") === markerText;
  } catch {
    return false;
  }
}

/** The path itself where it exists, otherwise the directory that it would be made in. */
function nearest(path: string): string {
  let at = path;
  while (!existsSync(at) && !isLink(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

function isLink(path: string): boolean {
  try {
    readlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
