import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { call, openDrop, until, watch } from "./support/client";
import { redisMissing } from "./support/redis";

const workload = join(__dirname, "..");
let directory: string;
const started: ChildProcess[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "drops-dev-"));
  chmodSync(directory, 0o755);
});

afterEach(async () => {
  // Only where a test failed half way is there anything left.
  for (const child of started.splice(0)) child.kill("SIGINT");
  await nothingIsLeft();
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

interface Dev {
  readonly child: ChildProcess;
  /** Where the page is. */
  readonly url: string;
  readonly port: number;
  readonly ended: Promise<number | null>;
  output(): string;
}

/** Starts it as `npm run dev` does, with a folder of its own for what it keeps. */
function launch(
  env: Readonly<Record<string, string>> = {},
  command = [process.execPath, "--import", "tsx", "dev/index.ts"],
) {
  const [file, ...args] = command;
  const child = spawn(file!, args, {
    cwd: workload,
    // Nothing of the test runner, which Vite and the server would take for their own.
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      DROPS_DEV_DIR: directory,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended, output: () => output };
}

async function start(...args: Parameters<typeof launch>): Promise<Dev> {
  const launched = launch(...args);
  const url = await until(
    "the address",
    () => {
      if (launched.child.exitCode !== null) throw new Error(launched.output());
      return /open (http:\S+)\//.exec(launched.output())?.[1];
    },
    40_000,
  );
  for (const pid of descendants(launched.child.pid ?? 0)) seen.add(pid);
  return { ...launched, url, port: Number(new URL(url).port) };
}

/** Processes that ran once; some, like Redis, hide where they come from as soon as their parent dies. */
const seen = new Set<number>();

function descendants(of: number): number[] {
  const table = execFileSync("ps", ["ax", "-o", "pid=,ppid="], { encoding: "utf8" });
  const rows = table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [of];
  // A list that grows while it is walked.
  for (const parent of found) {
    for (const [pid, ppid] of rows) if (ppid === parent && pid !== undefined) found.push(pid);
  }
  return found;
}

/** One that has ended and waits for a parent to notice is gone, as far as this is concerned. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.startsWith("Z");
}

interface Process {
  readonly pid: number;
  readonly command: string;
}

/** Every process that belongs to this file's runs: their folder is in the command or the environment. */
function processes(): Process[] {
  const table = execFileSync("ps", ["axeww", "-o", "pid=,args="], {
    encoding: "utf8",
    maxBuffer: 64 * 1_024 * 1_024,
  });
  return table
    .split("\n")
    .filter((line) => line.includes(directory))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line }))
    .filter(({ pid }) => pid !== process.pid);
}

async function nothingIsLeft(): Promise<void> {
  await until("all processes gone", () => {
    const hidden = [...seen].filter(isAlive).map((pid) => ({ pid, command: `process ${pid}` }));
    const left = [...processes(), ...hidden];
    if (left.length > 0)
      throw new Error(left.map(({ command }) => command.slice(0, 120)).join("\n"));
    return true;
  });
  seen.clear();
}

function pidOf(program: string): number {
  const found = processes().find(({ command }) => command.includes(program));
  if (!found) throw new Error(`${program} does not run`);
  return found.pid;
}

async function busy(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}

it("shows the page, the API and the feed at one address, and keeps what was done", async () => {
  const first = await start();
  expect((await call(first, "/")).body).toContain("/src/main.tsx");
  expect((await call(first, "/src/main.tsx")).status).toBe(200);
  await until("health", async () => (await call(first, "/healthz")).body.status === "ok");
  await until("ready", async () => {
    const { checks } = (await call(first, "/readyz")).body;
    return checks.postgres === "up" && checks.redis === (redisMissing ? "not configured" : "up");
  });
  expect(first.output()).toContain(redisMissing ? "Redis: not installed" : "Redis: its own");
  const watcher = await watch(first);
  const { status, body } = await openDrop(first, 1);
  expect(status).toBe(201);
  await until("the event", () => watcher.messages.find(({ dropId }) => dropId === body.drop.id));
  first.child.kill("SIGINT");
  expect(await first.ended).toBe(0);
  await nothingIsLeft();

  const second = await start();
  expect((await call(second, "/api/users/1/summary")).body.dropsOpened).toBe(1);
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
  await nothingIsLeft();
});

it("starts the server again when its source changes", async () => {
  const dev = await start();
  const before = pidOf("server/index.ts");
  const watcher = await watch(dev);
  const now = new Date();
  utimesSync(join(workload, "server/env.ts"), now, now);
  expect((await watcher.closed).code).toBe(1001);
  await until("the server again", async () => (await call(dev, "/healthz")).status === 200);
  expect(pidOf("server/index.ts")).not.toBe(before);
  dev.child.kill("SIGINT");
  expect(await dev.ended).toBe(0);
});

it.each([
  ["the server", "server/index.ts"],
  ["Postgres", "native/bin/postgres"],
  ["the process of Postgres and Redis", "dev/services.ts"],
])("ends everything when %s dies", async (name, program) => {
  const dev = await start();
  process.kill(pidOf(program), "SIGKILL");
  expect(await dev.ended).toBe(1);
  expect(dev.output()).toMatch(new RegExp(`${name} (was|is)`));
  await nothingIsLeft();
});

it("fails, and leaves nothing behind, where the database does not let it in", async () => {
  const first = await start();
  first.child.kill("SIGINT");
  await first.ended;
  const file = join(directory, "password");
  const right = readFileSync(file, "utf8");
  writeFileSync(file, "not-the-one");
  try {
    const refused = launch();
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toContain("password authentication failed");
    await nothingIsLeft();
  } finally {
    writeFileSync(file, right);
  }
});

it("the package of Postgres does not turn a failure into a success", async () => {
  const program = `
    require(${JSON.stringify(join(workload, "dev/embeddedPostgres.ts"))}).embeddedPostgres().then(() => {
      process.exitCode = 3;
    });`;
  const { ended, output } = launch({}, [process.execPath, "--import", "tsx", "-e", program]);
  expect([await ended, output()]).toEqual([3, ""]);
});

it("leaves nothing behind when it is killed itself", async () => {
  const dev = await start();
  dev.child.kill("SIGKILL");
  await nothingIsLeft();
});

it("ends with npm, however npm ends", async () => {
  const npm = ["npm", "run", "dev"];
  const told = await start({}, npm);
  told.child.kill("SIGTERM");
  await nothingIsLeft();
  const killed = await start({}, npm);
  killed.child.kill("SIGKILL");
  await nothingIsLeft();
});

it("says so when its port is in use, and takes the next where none was asked for", async () => {
  const other = await busy();
  const { port } = other.address() as AddressInfo;
  const refused = launch({ PORT: String(port) });
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toContain(`dev: port ${port} is in use; set PORT to another one`);
  await nothingIsLeft();
  other.close();

  const wrong = launch({ PORT: "many" });
  expect(await wrong.ended).toBe(1);
  expect(wrong.output()).toContain('PORT: got "many"');

  const first = await start();
  const again = launch();
  expect(await again.ended).toBe(1);
  expect(again.output()).toContain('Another "npm run dev" may be using it');
  await until("the first", async () => (await call(first, "/healthz")).status === 200);
  first.child.kill("SIGINT");
  await first.ended;
});
