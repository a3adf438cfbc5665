import { spawn, type ChildProcess } from "node:child_process";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { lastLines } from "../engine/command";
import { writeRecord, type ProcessRecord } from "./processRecord";
import { endGroup } from "./processTable";

/** A program and how it is run. */
export interface Program {
  /** What messages call it, e.g. "Postgres a1b2". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Gets standard output and standard error; beyond 5 MiB the next run begins a new one. */
  readonly logFile: string;
  /** Where it is noted while it runs; the name ends with `recordSuffix`. */
  readonly record: string;
  /** How it is asked to end, politest first; SIGKILL follows by itself. */
  readonly signals: readonly NodeJS.Signals[];
  /** How long it gets to obey each of them, milliseconds. @default 10,000 */
  readonly obeyMs?: number;
}

/** One run of a program. */
export interface Run {
  /** Absent where it ended too soon to be noted. */
  readonly record: ProcessRecord | undefined;
  /** Resolves to how it ended, in words that follow its name. */
  readonly ended: Promise<string>;
  readonly hasEnded: () => boolean;
  /** Undefined while it runs, where it could not be run, and where a signal ended it. */
  readonly exitCode: () => number | undefined;
  /** The last lines that it wrote. */
  readonly said: () => string;
}

const LOG_BYTES = 5 * 1024 * 1024;
const SHOWN_LINES = 8;

/** Starts a program. It survives its supervisor and the terminal; what fails is how it ended. */
export function launch(program: Program): Run {
  try {
    return started(program);
  } catch (error) {
    const why = `cannot be run: ${error instanceof Error ? error.message : String(error)}`;
    return {
      record: undefined,
      ended: Promise.resolve(why),
      hasEnded: () => true,
      exitCode: () => undefined,
      said: () => "",
    };
  }
}

function started(program: Program): Run {
  const { command, args, env, cwd, uid, gid, logFile, name } = program;
  const log = openLog(logFile);
  const from = fstatSync(log).size;
  const child = spawn(command, args, {
    ...{ env, cwd },
    // A session of its own: Ctrl-C in a terminal does not reach it.
    detached: true,
    stdio: ["ignore", log, log],
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
  closeSync(log);
  let hasEnded = false;
  const ended = endOf(child).finally(() => {
    hasEnded = true;
  });
  return {
    record: noted(child, program, name),
    ended,
    hasEnded: () => hasEnded,
    exitCode: () => child.exitCode ?? undefined,
    said: () => endOfLog(logFile, from),
  };
}

/** A process that cannot be noted is not left to itself. */
function noted(child: ChildProcess, program: Program, name: string): ProcessRecord | undefined {
  const { pid } = child;
  if (pid === undefined) return undefined;
  try {
    return writeRecord(program.record, { name, pid, signals: [...program.signals] });
  } catch (error) {
    endGroup(pid);
    throw error;
  }
}

async function endOf(child: ChildProcess): Promise<string> {
  return await new Promise((resolve) => {
    child.once("error", (error) => {
      resolve(`cannot be run: ${error.message}`);
    });
    child.once("exit", (code, signal) => {
      if (child.pid !== undefined) endGroup(child.pid);
      resolve(signal === null ? `ended with exit code ${code ?? "?"}` : `was ended by ${signal}`);
    });
  });
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, "a", 0o600);
}

/** The last lines of a log from a place on, indented and without stack traces; "": it is gone. */
export function endOfLog(file: string, from: number): string {
  if (!existsSync(file)) return "";
  const text = readFileSync(file)
    .subarray(from)
    .toString("utf8")
    .replaceAll(/^\s+at .*\n?/gm, "");
  return lastLines(text, SHOWN_LINES).replaceAll(/^(?=.)/gm, "  ");
}
