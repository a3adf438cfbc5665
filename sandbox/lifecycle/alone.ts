import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UsageError } from "../../report/stackFile";
import { heldBy, tryLock, type Holder } from "../lock";
import type { Places } from "../places";
import { isAlive } from "../services/processTable";
import { enginesAtWork } from "./engines";

/** An engine whose command was killed ends what it began; after that long it is the user's turn. */
const PATIENCE_SECONDS = 120;

/**
 * Runs a command that changes the sandbox, while no other does. An engine that a killed command left
 * at work is waited for.
 *
 * @param doing The command in a user's words, e.g. "up small".
 * @throws UsageError where another command is at work, or such an engine does not end.
 */
export async function alone<T>(
  places: Places,
  doing: string,
  say: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const taken = tryLock(commandLock(places), doing);
  if ("holder" in taken) {
    const { pid, doing: other } = taken.holder;
    throw new UsageError(
      `another command is at work in this sandbox: "${other}", process ${pid}. Wait for it, end it ` +
        "with Ctrl-C, or use a sandbox of its own: --dir DIR",
    );
  }
  try {
    await engineEnds(places, say);
    return await work();
  } finally {
    taken.release();
  }
}

/** Another command that is at work, if one is. */
export function commandAtWork(places: Places): Holder | undefined {
  const holder = heldBy(commandLock(places));
  return holder?.pid === process.pid ? undefined : holder;
}

/** Held by the command that changes the sandbox. */
export const commandLock = ({ locks }: Places): string => join(locks, "command");

async function engineEnds(places: Places, say: (line: string) => void): Promise<void> {
  const [engine] = enginesAtWork(places);
  if (!engine) return;
  say(`waiting for the engine (process ${engine.pid}) of a command that was killed`);
  for (let waited = 0; waited < PATIENCE_SECONDS * 5; waited += 1) {
    if (!isAlive(engine)) {
      await engineEnds(places, say);
      return;
    }
    await sleep(200);
  }
  throw new UsageError(
    `the engine (process ${engine.pid}) of a command that was killed is still at work after ` +
      `${PATIENCE_SECONDS} s: wait for it, end it in order with \`kill -INT ${engine.pid}\`, or give ` +
      "up all of it with `npx drops sandbox reset`",
  );
}
