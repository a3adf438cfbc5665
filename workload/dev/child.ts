import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { workload } from "./places";

export interface ChildOptions {
  /** Stands before each line that it prints. */
  readonly label: string;
  /** TypeScript program under `workload/`, with its arguments. */
  readonly program: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

/** A process that ends when its parent does, and prints through it. */
export interface Child {
  readonly process: ChildProcess;
  /** Resolves to how it ended, in words. */
  readonly ended: Promise<string>;
  /** Asks it to end and makes sure that it does. */
  stop(): Promise<void>;
}

/** Milliseconds that a part may take to end by itself. */
const PATIENCE_MS = 8_000;

export function startChild({ label, program, env }: ChildOptions): Child {
  const [file, ...args] = program;
  const preload = join(__dirname, "withParent.ts");
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--import", preload, join(workload, file), ...args],
    {
      cwd: workload,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Ctrl-C reaches every process of the terminal's group; the order of the end is the parent's.
      detached: true,
    },
  );
  for (const stream of [child.stdout, child.stderr]) printLines(stream, label);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => {
      resolve(`could not start: ${error.message}`);
    });
    child.once("exit", (code, signal) => {
      resolve(signal === null ? `ended with code ${String(code)}` : `was ended by ${signal}`);
    });
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const cut = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    await ended;
    clearTimeout(cut);
  };
  return { process: child, ended, stop };
}

function printLines(stream: NodeJS.ReadableStream | null, label: string): void {
  let rest = "";
  stream?.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) say(line, label);
  });
}

export function say(line: string, label = "dev"): void {
  process.stdout.write(`[${label}] ${line}\n`);
}
