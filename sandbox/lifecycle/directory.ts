import { accessSync, constants, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../../report/stackFile";

/** What a sandbox puts into its directory; see `placesIn`, and the files beside them. */
const own = [
  ...["state", "home", "passphrase", "project", "cloud", "ca.pem", "releases", "locks"],
  ...["unfinished", "edge-settings.json"],
];
/** There from the first command on. */
const telling = ["cloud", "locks", "passphrase"];

/**
 * Refuses a directory that a sandbox cannot have to itself: it is deleted as a whole one day.
 *
 * @throws UsageError
 */
export function requireDirectory(root: string): void {
  const there = nearest(root);
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
  const names = readdirSync(root);
  const foreign = names.filter((name) => !isOwn(name));
  const isSandbox = foreign.length === 0 && names.some((name) => telling.includes(name));
  if (names.length === 0 || isSandbox) return;
  const shown = (foreign.length > 0 ? foreign : names).slice(0, 3).join(", ");
  throw new UsageError(
    `--dir ${root}: it is no sandbox, it holds ${shown}; ` +
      "name an empty directory, a new one, or a sandbox's (it is deleted as a whole in the end)",
  );
}

/** @throws UsageError where the system refuses, whatever the reason. */
export function makeDirectory(root: string): void {
  const missing: string[] = [];
  for (let at = root; !existsSync(at); at = dirname(at)) missing.unshift(at);
  try {
    // One by one: `recursive` never returns from a file system that refuses with ENOENT, as /proc does.
    for (const path of missing) mkdirSync(path, { mode: 0o700 });
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

const isOwn = (name: string): boolean => own.includes(name) || /^ssh-keys\./.test(name);

/** The path itself where it exists, otherwise the directory that it would be made in. */
function nearest(path: string): string {
  let at = path;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}
