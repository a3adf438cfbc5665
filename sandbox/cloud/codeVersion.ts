import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../places";

/** Directories whose code runs in the cloud's process. */
const directories = ["sandbox", "prices", "components", "tiers", "host", "settings", "report"];

/** Changes with any file that the cloud's process may have loaded. */
export function codeVersion(): string {
  const hash = createHash("sha256");
  for (const directory of directories) {
    const entries = readdirSync(join(checkout, directory), { recursive: true }) as string[];
    for (const entry of entries.sort()) {
      if (!isLoaded(entry)) continue;
      const { mtimeMs, size } = statSync(join(checkout, directory, entry));
      hash.update(`${directory}/${entry} ${mtimeMs} ${size}\n`);
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/** Whether a file may be part of the cloud's process: what serves tests alone is not. */
export function isLoaded(entry: string): boolean {
  if (entry.endsWith(".test.ts") || /(^|[\\/])testing[\\/]/.test(entry)) return false;
  return /\.(ts|cjs|json)$/.test(entry);
}
