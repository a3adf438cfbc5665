import { accessSync, constants, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import type { Environment } from "./types";

export function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** First executable of that name on PATH. A relative entry is not searched: it is no installation. */
export function findOnPath(name: string, environment: Environment): string | undefined {
  return (environment["PATH"] ?? "")
    .split(delimiter)
    .filter((directory) => isAbsolute(directory))
    .map((directory) => join(directory, name))
    .find(isExecutableFile);
}

/** ELF and Mach-O numbers of the processors that the engine exists for. */
const elfMachines = new Map([
  [0x3e, "x64"],
  [0xb7, "arm64"],
]);
const machMachines = new Map([
  [0x0100_0007, "x64"],
  [0x0100_000c, "arm64"],
]);

/**
 * For which system a program is made, as Node names it ("linux arm64"); nothing where its head does
 * not tell (a script, a binary for several systems).
 */
export async function systemOf(path: string): Promise<string | undefined> {
  const head = Buffer.alloc(20);
  const file = await open(path);
  try {
    await file.read(head, 0, head.length, 0);
  } finally {
    await file.close();
  }
  if (head.readUInt32BE(0) === 0x7f45_4c46) {
    const machine = elfMachines.get(head.readUInt16LE(18));
    return `linux ${machine ?? "on another processor"}`;
  }
  if (head.readUInt32LE(0) === 0xfeed_facf) {
    const machine = machMachines.get(head.readUInt32LE(4));
    return `darwin ${machine ?? "on another processor"}`;
  }
  if (head.toString("latin1", 0, 2) === "MZ") return "win32";
  return undefined;
}
