import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that is still the same one: numbers are used again, this pair is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in the system's own words; only good for comparison. */
  readonly started: string;
}

/** Milliseconds that a process gets to obey a signal before it gets the next one. */
const OBEY_MS = 10_000;

/** When the process with this number began; undefined where there is none, or only its exit code. */
export function startOf(pid: number): string | undefined {
  return process.platform === "linux" ? startByProc(pid) : startByPs(pid);
}

export function isAlive({ pid, started }: ProcessIdentity): boolean {
  return startOf(pid) === started;
}

/**
 * Ends a process: each signal in turn, then SIGKILL, and by then also what it left behind in its
 * process group. Does nothing where the number belongs to another process by now.
 *
 * @param obeyMs How long it gets to obey each signal, milliseconds.
 * @throws Error where even SIGKILL does not end it within ten seconds.
 */
export async function endProcess(
  identity: ProcessIdentity,
  signals: readonly NodeJS.Signals[],
  obeyMs = OBEY_MS,
): Promise<void> {
  if (!isAlive(identity)) return;
  for (const signal of signals) {
    send(identity.pid, signal);
    if (await isGone(identity, obeyMs)) break;
  }
  // Its number stays taken for as long as a member of its group is left: this hits no stranger.
  endGroup(identity.pid);
  if (isAlive(identity)) send(identity.pid, "SIGKILL");
  if (!(await isGone(identity))) {
    throw new Error(
      `process ${identity.pid} does not end, not even by SIGKILL; see what it waits for: ps -o stat,wchan -p ${identity.pid}`,
    );
  }
}

/** Ends what a leader that has just ended left behind in its process group. */
export function endGroup(pid: number): void {
  send(-pid, "SIGKILL");
}

/** Resident memory of a process and of its children, bytes; what they share counts once. */
export function memoryOf(pid: number): number | undefined {
  if (process.platform !== "linux") {
    const kib = Number(ps(["-o", "rss=", "-p", String(pid)]));
    return kib > 0 ? kib * 1024 : undefined;
  }
  const own = kibOf(pid, "VmRSS");
  if (own === 0) return undefined;
  return 1024 * descendantsOf(pid).reduce((sum, child) => sum + kibOf(child, "RssAnon"), own);
}

/** Linux counts processor time in these, whatever its own clock is. */
const TICKS_A_SECOND = 100;

/** Processor time that a process has used since it began, seconds; undefined where nothing tells. */
export function cpuSecondsOf(pid: number): number | undefined {
  const [user, system] = statFields(pid).slice(11, 13).map(Number);
  return user === undefined || system === undefined ? undefined : (user + system) / TICKS_A_SECOND;
}

/** A process's program and arguments; empty where there is no such process. */
export function commandLineOf(pid: number): string {
  return process.platform === "linux"
    ? textOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ")
    : ps(["-o", "args=", "-p", String(pid)]);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between.
  }
}

async function isGone(identity: ProcessIdentity, obeyMs = OBEY_MS): Promise<boolean> {
  const deadline = Date.now() + obeyMs;
  while (isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

function startByProc(pid: number): string | undefined {
  const fields = statFields(pid);
  const [state, ticks] = [fields[0], fields[19]];
  if (ticks === undefined || state === "Z" || state === "X") return undefined;
  // Ticks count from the start of the machine.
  return `${textOf("/proc/sys/kernel/random/boot_id").trim()}+${ticks}`;
}

/** What Linux tells of a process, from its state on: state, parent, group, session, … */
export function statFields(pid: number): readonly string[] {
  const stat = textOf(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets, and may hold spaces and brackets itself.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** For systems without /proc. */
export function startByPs(pid: number): string | undefined {
  const [state = "", ...started] = ps(["-o", "stat=,lstart=", "-p", String(pid)]).split(/\s+/);
  return state === "" || state.startsWith("Z") ? undefined : started.join(" ");
}

/** What `ps` prints; nothing where there is no such process. */
function ps(args: readonly string[]): string {
  const { stdout } = spawnSync("ps", args, {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" },
  });
  return stdout.trim();
}

function descendantsOf(pid: number): readonly number[] {
  const list = textOf(`/proc/${pid}/task/${pid}/children`).trim();
  const children = list === "" ? [] : list.split(" ").map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** A field of /proc/PID/status, KiB; 0 where there is no such process. */
function kibOf(pid: number, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(textOf(`/proc/${pid}/status`));
  return Number(match?.[1] ?? 0);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
