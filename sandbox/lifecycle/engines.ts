import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Places } from "../places";
import { textIn, writePrivately } from "../services/privateFile";
import {
  endProcess,
  isAlive,
  startOf,
  statFields,
  type ProcessIdentity,
} from "../services/processTable";

/**
 * Notes an engine that was started: it goes on when the command that started it is killed.
 *
 * @returns what is to be done when it has ended.
 */
export function noteEngine(places: Places, pid: number): () => void {
  const started = startOf(pid);
  if (started !== undefined) writePrivately(noteOf(places, pid), JSON.stringify({ pid, started }));
  return () => {
    clear(places, pid);
  };
}

/** Engines that are at work in the sandbox. What those left behind that were killed is ended. */
export function enginesAtWork(places: Places): readonly ProcessIdentity[] {
  const noted = enginesNoted(places);
  for (const engine of noted) if (!isAlive(engine)) clear(places, engine.pid);
  return noted.filter(isAlive);
}

/** Ends engines and the programs that they run, at once: what they leave undone is not needed. */
export async function endEngines(places: Places): Promise<void> {
  await Promise.all(
    enginesNoted(places).map(async (engine) => {
      await endProcess(engine, []);
      clear(places, engine.pid);
    }),
  );
}

/** The engine's language host has a group of its own, and takes minutes to see that it is alone. */
function clear(places: Places, pid: number): void {
  for (const member of membersOf(pid)) {
    try {
      process.kill(member, "SIGKILL");
    } catch {
      // It ended in between.
    }
  }
  rmSync(noteOf(places, pid), { force: true });
}

/**
 * What is left of the session that an engine led, by number. While one member lives no other process
 * gets the leader's number; where one has it, none is left. Elsewhere than on Linux nobody tells.
 */
function membersOf(leader: number): readonly number[] {
  if (process.platform !== "linux" || startOf(leader) !== undefined) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => Number(statFields(pid)[3]) === leader);
}

function enginesNoted(places: Places): readonly ProcessIdentity[] {
  const directory = directoryIn(places);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return readdirSync(directory).flatMap((name) => {
    const text = name.endsWith(".json") ? textIn(join(directory, name)) : undefined;
    return text === undefined ? [] : [JSON.parse(text) as ProcessIdentity];
  });
}

const directoryIn = ({ locks }: Places): string => join(locks, "engines");
const noteOf = (places: Places, pid: number): string => join(directoryIn(places), `${pid}.json`);
