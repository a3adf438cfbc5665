import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What a process inherits: nothing that could hide a missing variable. */
function environment(own: Environment): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], ...own };
}

export async function runMigrate(
  dist: string,
  env: Environment,
  args: readonly string[] = [],
): Promise<Ended> {
  return await runTool(dist, "migrate.js", env, args);
}

/** Runs one of the programs that do one thing and end. */
export async function runTool(
  dist: string,
  program: "migrate.js" | "roles.js",
  env: Environment,
  args: readonly string[] = [],
): Promise<Ended> {
  return await ended(
    spawn(process.execPath, [join(dist, program), ...args], {
      cwd: tmpdir(),
      env: environment(env),
    }),
  );
}

/** Runs the server, or the worker, where it should end by itself. */
export async function runServer(
  dist: string,
  env: Environment,
  program: "index.js" | "worker.js" = "index.js",
): Promise<Ended> {
  return await ended(
    spawn(process.execPath, [join(dist, program)], { cwd: tmpdir(), env: environment(env) }),
  );
}

async function ended(child: ChildProcess): Promise<Ended> {
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code, output });
    });
  });
}

export interface LogLine {
  readonly msg: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

/** A program that runs. */
export interface Running {
  readonly pid: number;
  /** Everything printed so far. */
  output(): string;
  lines(): LogLine[];
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
  /** Ends it if it still runs. */
  stop(): Promise<void>;
}

/** A running server. */
export interface App extends Running {
  readonly url: string;
  readonly port: number;
}

const running = new Set<ChildProcess>();

/** Ends every server that this test file started (`endServers.ts`). */
export async function endServers(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const gone = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await gone;
    }),
  );
}

/** Starts the built server on a free port and waits until it listens. */
export async function startApp(
  dist: string,
  env: Environment,
  options: { readonly keepOutput: boolean } = { keepOutput: true },
): Promise<App> {
  const own = { PORT: "0", HOST: "127.0.0.1", SHUTDOWN_DELAY_MS: "0", ...env };
  const [server, [, port]] = await start(dist, "index.js", own, /"port":(\d+),"node":/, options);
  return { ...server, url: `http://127.0.0.1:${port}`, port: Number(port) };
}

/** Starts the built worker and waits until it works. */
export async function startWorker(dist: string, env: Environment): Promise<Running> {
  const [worker] = await start(dist, "worker.js", env, /"msg":"working"/, { keepOutput: true });
  return worker;
}

async function start(
  dist: string,
  program: string,
  env: Environment,
  ready: RegExp,
  options: { readonly keepOutput: boolean },
): Promise<[Running, RegExpExecArray]> {
  const child = spawn(process.execPath, [join(dist, program)], {
    cwd: tmpdir(),
    env: environment({
      SHUTDOWN_TIMEOUT_MS: "5000",
      CONTROL_POLL_MS: "50",
      LOG_LEVEL: "debug",
      ...env,
    }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  let output = "";
  const stopped = new Promise<Ended>((resolve) => {
    child.once("close", (code) => {
      resolve({ code, output });
    });
  });
  const found = await new Promise<RegExpExecArray>((resolve, reject) => {
    let isReady = false;
    const read = (chunk: Buffer) => {
      if (isReady && !options.keepOutput) return;
      output += chunk.toString();
      if (isReady) return;
      const match = ready.exec(output);
      isReady = match !== null;
      if (match) resolve(match);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    void stopped.then(({ code }) => {
      reject(new Error(`${program} ended with ${code ?? "a signal"}:\n${output}`));
    });
  });
  const handle = {
    pid: child.pid ?? 0,
    output: () => output,
    lines: () => parseLines(output),
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    ended: stopped,
    stop: async () => {
      child.kill("SIGKILL");
      await stopped;
    },
  };
  return [handle, found];
}

function parseLines(output: string): LogLine[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line) as LogLine);
}
