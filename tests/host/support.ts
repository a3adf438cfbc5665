import { spawn, spawnSync, type ChildProcess, type SpawnSyncReturns } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, describe, it, vi } from "vitest";
import type { BundleFile } from "../../host/types";
import { directories, find, howToGet, type Program } from "./programs";

export { eventually } from "./eventually";

// Databases start and services settle in their own time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/**
 * Tests that need real programs. Where one is missing they are skipped under a name that says which
 * and how to get it; with REQUIRE_ALL=1 that is a failure.
 */
export function describeWith(programs: readonly Program[], name: string, body: () => void): void {
  const missing = programs.filter((program) => find(program) === undefined);
  if (missing.length === 0) {
    describe(name, body);
    return;
  }
  const reason = `not run, ${missing.join(", ")} missing: ${howToGet(missing)}`;
  describe(name, () => {
    if (process.env.REQUIRE_ALL === "1") {
      it("has its programs", () => {
        throw new Error(reason);
      });
    } else {
      console.warn(`${name}: ${reason}`);
      it.skip(reason, () => undefined);
    }
  });
}

/** What is undone when the test file ends, last first; hooks cannot register hooks. */
const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

/** Has something undone when the test file ends. */
export function cleanUp(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

/** A directory of the test file's own, gone afterwards. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "drops-host-"));
  // Servers drop to users of their own, who must get in.
  chmodSync(directory, 0o755);
  cleanUp(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

export interface Finished {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a program to its end; standard output and standard error together. */
export function run(
  program: string,
  args: readonly string[],
  options: {
    readonly input?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly uid?: number;
    readonly gid?: number;
  } = {},
): Finished {
  const result: SpawnSyncReturns<string> = spawnSync(find(program) ?? program, args, {
    ...options,
    env: { ...process.env, PATH: directories.join(delimiter), ...options.env },
    encoding: "utf8",
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return {
    status: result.status,
    output: `${result.stdout}${result.stderr}${result.error?.message ?? ""}`,
  };
}

/** Starts a program that keeps running until the test file ends. */
export function start(
  program: string,
  args: readonly string[],
  options: {
    readonly uid?: number;
    readonly gid?: number;
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
  } = {},
): ChildProcess {
  const child = spawn(find(program) ?? program, args, {
    ...options,
    env: { ...process.env, ...options.env },
    stdio: process.env.SHOW_SERVERS === "1" ? "inherit" : "ignore",
  });
  cleanUp(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  });
  return child;
}

/** A loopback port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Writes a bundle's files below a directory, with `change` applied to each text. */
export function writeFiles(
  root: string,
  files: readonly BundleFile[],
  change: (content: string) => string = (content) => content,
): void {
  for (const file of files) {
    const path = root + file.path;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, change(file.content));
    chmodSync(path, Number.parseInt(file.mode, 8));
  }
}
