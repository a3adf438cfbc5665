import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BundleFile } from "./types";

/** A program of ours that is the same on every host: the text of `host/files/<name>`. */
export function hostFile(name: string): string {
  return readFileSync(join(__dirname, "files", name), "utf8");
}

/** A file that anyone on the host may read. Nothing secret is ever in a bundle. */
export function plain(path: string, content: string): BundleFile {
  return { path, mode: "0644", content };
}

/** A program, by its name in `host/files` and its path on the host. */
export function program(path: string, name: string): BundleFile {
  return { path, mode: "0755", content: hostFile(name) };
}
