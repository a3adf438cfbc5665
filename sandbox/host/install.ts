import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import type { BundleFile } from "../../host/types";
import { paths } from "../../host/paths";
import { textIn, writeAtOnce } from "../files";
import { removeFile } from "./fileSystem";
import type { Payload } from "./payload";

/** Where the host keeps what it knows of itself. */
export const stateDirectory = "/var/lib/drops";
const KEPT_BUNDLES = 5;

/**
 * Puts a payload's files below the root as host/files/drops-host does: same paths, modes, records
 * and removals. Adds to `changed` what differs, by path on the host.
 */
export function installPayload(root: string, payload: Payload, changed: Set<string>): void {
  writeSecrets(root, payload.secrets, changed);
  keepBundle(root, payload);
  installFiles(root, payload.files, changed);
}

function writeSecrets(root: string, secrets: Payload["secrets"], changed: Set<string>): void {
  const directory = root + paths.secrets;
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o700);
  for (const [name, value] of secrets) {
    if (writeAtOnce(join(directory, name), value, 0o600)) changed.add(`${paths.secrets}/${name}`);
  }
  for (const name of readdirSync(directory)) {
    if (secrets.has(name)) continue;
    rmSync(join(directory, name));
    changed.add(`${paths.secrets}/${name}`);
  }
}

/** A copy of the files as they were applied, to compare with and to go back to. */
function keepBundle(root: string, { version, files }: Payload): void {
  const bundles = join(root, stateDirectory, "bundles");
  const directory = join(bundles, version);
  if (!existsSync(directory)) {
    const partial = `${directory}.partial`;
    rmSync(partial, { recursive: true, force: true });
    for (const file of files) writeAtOnce(partial + file.path, file.content, modeOf(file));
    renameSync(partial, directory);
  }
  const now = new Date();
  utimesSync(directory, now, now);
  const newestLast = readdirSync(bundles)
    .map((name) => ({ name, at: statSync(join(bundles, name)).mtimeMs }))
    .sort((a, b) => a.at - b.at);
  for (const { name } of newestLast.slice(0, -KEPT_BUNDLES)) {
    rmSync(join(bundles, name), { recursive: true });
  }
}

function installFiles(root: string, files: readonly BundleFile[], changed: Set<string>): void {
  const record = join(root, stateDirectory, "installed.json");
  const before = readRecord(record);
  const now = files.map(({ path }) => path);
  // First the union: if this is interrupted, the next run still knows what to remove.
  writeRecord(record, new Set([...before, ...now]));
  for (const file of files) {
    if (writeAtOnce(root + file.path, file.content, modeOf(file))) changed.add(file.path);
  }
  for (const path of before) {
    if (!now.includes(path) && removeFile(root + path)) changed.add(path);
  }
  writeRecord(record, new Set(now));
}

function readRecord(path: string): readonly string[] {
  try {
    const entries: unknown = JSON.parse(textIn(path) ?? "[]");
    return Array.isArray(entries) ? entries.map(String) : [];
  } catch {
    return [];
  }
}

function writeRecord(path: string, entries: ReadonlySet<string>): void {
  const texts = [...entries].sort().map((entry) => JSON.stringify(entry));
  writeAtOnce(path, `[${texts.join(", ")}]`, 0o644);
}

function modeOf(file: BundleFile): number {
  return Number.parseInt(file.mode, 8);
}
