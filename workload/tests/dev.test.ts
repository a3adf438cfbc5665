import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { rmSync, utimesSync, writeFileSync } from "node:fs";
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

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
  /** With its arguments and its environment. */
  readonly command: string;
}

function processes(): Process[] {
  const table = execFileSync("ps", ["axeww", "-o", "pid=,ppid=,stat=,args="], {
    encoding: "utf8",
    maxBuffer: 64 * 1_024 * 1_024,
  });
  return table.split("\n").flatMap((line) => {
    const [, pid, parent, state = "", command = ""] =
      /^ *(\d+) +(\d+) +(\S+) +(.*)$/.exec(line) ?? [];
    return pid === undefined || Number(pid) === process.pid
      ? []
      : [{ pid: Number(pid), parent: Number(parent), state, command }];
  });
}

function descendants(of: number): number[] {
  const all = processes();
  const found = [of];
  // A list that grows while it is walked.
  for (const at of found) {
    for (const { pid, parent } of all) if (parent === at) found.push(pid);
  }
  return found;
}

/** Whether it is one of this file's runs: their folder is in the command or the environment. */
const isOurs = ({ command }: Process) => command.includes(directory);

async function nothingIsLeft(): Promise<void> {
  await until("all processes gone", () => {
    const left = processes().filter(
      (one) =>
        // One that has ended and waits for a parent to notice is gone, as far as this is concerned.
        !one.state.startsWith("Z") && (seen.has(one.pid) || isOurs(one)),
    );
    if (left.length > 0)
      throw new Error(left.map(({ pid, command }) => `${pid} ${command.slice(0, 120)}`).join("\n"));
    return true;
  });
  seen.clear();
}

function pidOf(program: string): number {
  const found = processes().find((one) => isOurs(one) && one.command.includes(program));
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

it("starts the server again when its source changes, and ends everything when that one dies", async () => {
  const dev = await start();
  const before = pidOf("server/index.ts");
  const watcher = await watch(dev);
  const now = new Date();
  utimesSync(join(workload, "server/env.ts"), now, now);
  expect((await watcher.closed).code).toBe(1001);
  await until("the server again", async () => (await call(dev, "/healthz")).status === 200);
  const after = pidOf("server/index.ts");
  expect(after).not.toBe(before);
  process.kill(after, "SIGKILL");
  expect(await dev.ended).toBe(1);
  expect(dev.output()).toContain("the server was ended by SIGKILL");
  await nothingIsLeft();
});

it.each([
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
  const file = join(directory, "password");
  if (!existsSync(file)) {
    // Where this test runs alone, nothing has made the database yet.
    const first = await start();
    first.child.kill("SIGINT");
    await first.ended;
  }
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

it("takes no notice of a second one, and leaves nothing behind when it is killed itself", async () => {
  const first = await start();
  const second = launch();
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain('Another "npm run dev" may be using it');
  await until("the first", async () => (await call(first, "/healthz")).status === 200);
  first.child.kill("SIGKILL");
  await nothingIsLeft();
});

it.each(["SIGTERM", "SIGKILL"] as const)("ends with npm, which %s ends", async (signal) => {
  const dev = await start({}, ["npm", "run", "dev"]);
  dev.child.kill(signal);
  await nothingIsLeft();
});

it("says so when its port is in use", async () => {
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
});
