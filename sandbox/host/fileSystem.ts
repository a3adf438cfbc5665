import {
  closeSync,
  existsSync,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/**
 * Writes a file at once: readers see the old text or the new one, and never a secret under a mode
 * that is too wide. True if text or mode changed.
 */
export function writeAtOnce(path: string, text: string, mode: number): boolean {
  const data = Buffer.from(text);
  if (
    existsSync(path) &&
    (statSync(path).mode & 0o7777) === mode &&
    readFileSync(path).equals(data)
  ) {
    return false;
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const temporary = `${path}.drops-new`;
  rmSync(temporary, { force: true });
  const descriptor = openSync(temporary, "wx", 0o600);
  try {
    writeSync(descriptor, data);
    fchmodSync(descriptor, mode);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path);
  return true;
}

/** Deletes a file or a link; true if there was one. */
export function removeFile(path: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
  rmSync(path, { force: true });
  return true;
}

/** Points a link at a target at once, with no moment without the link. */
export function point(link: string, target: string): void {
  const temporary = `${link}.new`;
  rmSync(temporary, { force: true });
  symlinkSync(target, temporary);
  renameSync(temporary, link);
}

/** Text of a file, or undefined where there is none. */
export function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
