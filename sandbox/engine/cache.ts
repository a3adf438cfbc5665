import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { onAbruptEnd } from "./cleanup";
import { processExists, withLock } from "./lock";
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

/** One run at a time makes engines; another waits for it. */
export async function withCacheLock<T>(
  settings: EngineSettings,
  work: () => Promise<T>,
): Promise<T> {
  const { cacheDirectory, onProgress, limits } = settings;
  await mkdir(cacheDirectory, { recursive: true });
  let next = 0;
  return withLock(
    join(cacheDirectory, "lock"),
    (holder, waited) => {
      if (waited < next) return;
      next = waited + limits.progress;
      onProgress(`${holder} is getting the engine; waiting for it (${clock(waited)})`);
    },
    work,
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

    // What is there was found unusable, or two runs made the same.
    const target = entryDirectory(settings);
    await rename(target, join(workshop, "replaced")).catch(ignoreMissing);
    await rename(entry, target);
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
    if (pid === undefined || processExists(Number(pid))) continue;
    // Where a build outlived its run, it may still be writing there. The next run tries again.
    await rm(join(cacheDirectory, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
