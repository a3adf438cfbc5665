import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { withLock } from "../lock";
import { startOf } from "../services/processTable";
import { onAbruptEnd } from "./cleanup";
import { clock } from "./progress";
import { engineVersion } from "./requirements";
import type { EngineSettings } from "./types";

/** What is kept beside an engine about where it came from. */
const originSchema = z.object({ how: z.string(), on: z.iso.date() });

/** Since when an engine is kept and how it was made: "2026-11-23: built from Go modules". */
export async function originOf(settings: EngineSettings): Promise<string> {
  try {
    const text = await readFile(join(entryDirectory(settings), "origin.json"), "utf8");
    const { how, on } = originSchema.parse(JSON.parse(text));
    return `${on}: ${how}`;
  } catch {
    return "an unknown day";
  }
}

/** The system is part of the name: a checkout can be shared with a container. */
function entryDirectory({ cacheDirectory }: EngineSettings): string {
  return join(cacheDirectory, `${engineVersion}-${process.platform}-${process.arch}`);
}

export function cachedExecutable(settings: EngineSettings): string {
  return join(entryDirectory(settings), "bin", "pulumi");
}

/** A place to make an engine in, beside the cache, so that it can be moved there in one step. */
export interface Workshop {
  /** Holds `bin/` in the end; becomes the entry. */
  readonly entry: string;
  /** For everything else; removed afterwards. */
  readonly scratch: string;
}

/**
 * One run at a time makes engines; another waits for it. The lock saves work, it does not protect
 * data: where two hold it, as in two containers on one checkout, each makes an engine of its own.
 */
export async function withCacheLock<T>(
  settings: EngineSettings,
  work: () => Promise<T>,
): Promise<T> {
  const { cacheDirectory, onProgress, limits } = settings;
  await mkdir(cacheDirectory, { recursive: true });
  let next = 0;
  return withLock(
    join(cacheDirectory, "making"),
    "getting the engine",
    async (release) => {
      const forget = onAbruptEnd(release);
      return await work().finally(forget);
    },
    ({ pid, doing }, waited) => {
      if (waited < next) return;
      next = waited + limits.progress;
      onProgress(`process ${pid} is ${doing}; waiting for it (${clock(waited)})`);
    },
  );
}

/** Prefix of workshops; the id of the process that uses it follows. */
const workshopPrefix = "making-";

/**
 * Makes an entry in a workshop of its own and moves it into the cache once `make` has said how it
 * came about. However it ends, the workshop goes. Call it under the lock.
 */
export async function makeEntry(
  settings: EngineSettings,
  make: (workshop: Workshop) => Promise<string>,
): Promise<string> {
  await removeAbandoned(settings.cacheDirectory);
  const target = entryDirectory(settings);
  const unusable = await inodeOf(target);
  const name = `${workshopPrefix}${process.pid}-${randomBytes(4).toString("hex")}`;
  const workshop = join(settings.cacheDirectory, name);
  const forget = onAbruptEnd(() => {
    // A program that was killed a moment ago may still be leaving files.
    rmSync(workshop, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });
  try {
    const entry = join(workshop, "entry");
    const scratch = join(workshop, "scratch");
    await mkdir(join(entry, "bin"), { recursive: true });
    await mkdir(scratch);
    const how = await make({ entry, scratch });
    const on = new Date().toISOString().slice(0, 10);
    await writeFile(join(entry, "origin.json"), `${JSON.stringify({ how, on })}\n`);

    // What was there was found unusable. What another run has put there since is good.
    if (unusable !== undefined && (await inodeOf(target)) === unusable) {
      await rename(target, join(workshop, "replaced")).catch(ignore("ENOENT"));
    }
    await rename(entry, target).catch(ignore("ENOTEMPTY", "EEXIST"));
    return how;
  } finally {
    forget();
    await rm(workshop, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

/** Workshops of runs that were killed. */
async function removeAbandoned(cacheDirectory: string): Promise<void> {
  for (const name of await readdir(cacheDirectory)) {
    const pid = new RegExp(`^${workshopPrefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || startOf(Number(pid)) !== undefined) continue;
    // Where a build outlived its run, it may still be writing there. The next run tries again.
    await rm(join(cacheDirectory, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Tells one directory from another that has its name later. */
async function inodeOf(directory: string): Promise<number | undefined> {
  return (await stat(directory).catch(() => undefined))?.ino;
}

function ignore(...codes: readonly string[]): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (!codes.includes(error.code ?? "")) throw error;
  };
}
