import {
  closeSync,
  fchmodSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/**
 * Writes a file at once: readers see the old text or the new one, whoever is killed meanwhile leaves
 * the old one, and a secret is never under a mode that is too wide. True if text or mode changed.
 */
export function writeAtOnce(path: string, text: string, mode: number): boolean {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before && (before.mode & 0o7777) === mode && textIn(path) === text) return false;
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const temporary = `${path}.drops-new`;
  rmSync(temporary, { force: true });
  const descriptor = openSync(temporary, "wx", 0o600);
  try {
    writeSync(descriptor, text);
    fchmodSync(descriptor, mode);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path);
  return true;
}

/** Text of a file; undefined where there is none. */
export function textIn(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
