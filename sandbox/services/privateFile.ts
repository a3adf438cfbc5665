import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Writes a file that its owner alone may read. It appears whole: whoever is killed meanwhile leaves
 * the old one.
 */
export function writePrivately(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const made = `${file}.new`;
  writeFileSync(made, text, { mode: 0o600 });
  renameSync(made, file);
}

/** Text of a file; undefined where there is none. */
export function textIn(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
