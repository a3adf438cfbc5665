import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { until } from "./client";

/**
 * Holds a process with all its threads; resolves when every one of them stands. A thread on another
 * processor may still answer for a moment after the signal was sent.
 */
export async function holdStill(child: ChildProcess): Promise<void> {
  child.kill("SIGSTOP");
  await until(`process ${child.pid ?? 0} stands`, () => {
    const threads = `/proc/${child.pid ?? 0}/task`;
    return readdirSync(threads).every((thread) => {
      const stat = readFileSync(`${threads}/${thread}/stat`, "utf8");
      // The state follows the name, which stands in brackets and may hold any character.
      return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
    });
  });
}
