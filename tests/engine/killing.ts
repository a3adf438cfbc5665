import { spawn } from "node:child_process";
import { join } from "node:path";
import { checkout, type Places } from "../../sandbox/places";
import type { Ended } from "./fixture";

/** A command in a process group of its own, as a terminal's or a pipeline's job is. */
export interface Begun {
  readonly pid: number;
  /** Its own end: what it leaves behind may live on, and hold its output open. */
  readonly ended: Promise<Ended>;
  readonly said: () => string;
  /** To the command alone. */
  readonly kill: (signal: NodeJS.Signals) => void;
  /** To its whole group, as Ctrl-C in a terminal. */
  readonly killGroup: (signal: NodeJS.Signals) => void;
}

export function beginJob(places: Places, args: readonly string[]): Begun {
  const child = spawn(
    process.execPath,
    [join(checkout, "cli/drops.cjs"), ...args, "--dir", places.root],
    {
      cwd: checkout,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    },
  );
  const pid = child.pid ?? 0;
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return {
    pid,
    ended: new Promise((resolve) => {
      child.once("exit", (status) => {
        resolve({ status, stdout, stderr });
      });
    }),
    said: () => stdout + stderr,
    kill: (signal) => {
      child.kill(signal);
    },
    killGroup: (signal) => {
      process.kill(-pid, signal);
    },
  };
}
