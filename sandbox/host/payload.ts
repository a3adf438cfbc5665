import { posix } from "node:path";
import type { BundleFile } from "../../host/types";
import { isRecord } from "../isRecord";
import { Refused } from "./outcome";

/** What a bundle may write. */
const PLACES = ["/etc/", "/usr/local/lib/drops/", "/usr/local/share/drops/"];

export interface Payload {
  readonly version: string;
  readonly files: readonly BundleFile[];
  readonly secrets: ReadonlyMap<string, string>;
}

/**
 * The payload of `drops-host apply`; refuses what is not exactly that, in the words of the program
 * on a droplet (`parse` in host/files/drops-host).
 */
export function readPayload(text: string): Payload {
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch {
    throw new Refused("standard input is not JSON");
  }
  check(
    hasKeys(payload, "bundle", "secrets"),
    'the payload must be {"bundle": ..., "secrets": ...}',
  );
  const { bundle, secrets } = payload;
  check(hasKeys(bundle, "version", "files"), 'the bundle must be {"version": ..., "files": ...}');
  const { version, files } = bundle;
  check(
    typeof version === "string" && /^[0-9a-f]{64}$/.test(version),
    "bundle.version must be 64 hexadecimal digits",
  );
  check(Array.isArray(files) && files.length > 0, "bundle.files must be a list of files");
  return { version, files: readFiles(files), secrets: readSecrets(secrets) };
}

function readFiles(files: readonly unknown[]): readonly BundleFile[] {
  const seen = new Set<string>();
  return files.map((file, number) => {
    const where = `bundle.files[${number}]`;
    check(
      hasKeys(file, "path", "mode", "content") && isTexts(file),
      `${where} must have the texts path, mode and content`,
    );
    const { path, mode, content } = file;
    check(
      isPlain(path) &&
        PLACES.some((place) => path.startsWith(place)) &&
        !path.startsWith("/etc/drops/secrets"),
      `${where}.path must be a plain path below ${PLACES.join(", ")}`,
    );
    check(
      /^0[0-7]{2}[0145]$/.test(mode),
      `${where}.mode must be octal and not writable by everyone`,
    );
    check(!seen.has(path), `${where}.path is there twice`);
    seen.add(path);
    return { path, mode, content };
  });
}

function readSecrets(secrets: unknown): ReadonlyMap<string, string> {
  check(isRecord(secrets), "secrets must be an object");
  return new Map(
    Object.entries(secrets).map(([name, value]) => {
      check(/^[a-z][a-z0-9-]*$/.test(name), "a secret's name must be lower-case words");
      check(
        typeof value === "string" && value !== "" && !value.includes("\0"),
        `secret ${name} must be a text`,
      );
      return [name, value];
    }),
  );
}

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Refused(message);
}

/** Whether a value is an object with these keys and no others. */
function hasKeys<K extends string>(value: unknown, ...keys: K[]): value is Record<K, unknown> {
  return (
    isRecord(value) &&
    Object.keys(value).length === keys.length &&
    keys.every((key) => Object.hasOwn(value, key))
  );
}

function isTexts<K extends string>(value: Record<K, unknown>): value is Record<K, string> {
  return Object.values(value).every((each) => typeof each === "string");
}

/** A path that says itself where it leads: no "..", nothing doubled, no slash at the end. */
function isPlain(path: string): boolean {
  return posix.normalize(path) === path && !path.endsWith("/") && !path.includes("\0");
}
