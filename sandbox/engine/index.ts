import { dirname, join, resolve } from "node:path";
import { cachedExecutable, makeEntry, originOf, withCacheLock } from "./cache";
import { download } from "./download";
import { findOnPath, isExecutableFile } from "./executables";
import { buildWithGo, oldestGo } from "./goBuild";
import { directoryForPath, probe, type Probed } from "./probe";
import { documents, languageHostName, oldestEngine, releasesUrl } from "./requirements";
import {
  EngineError,
  Unusable,
  type Attempt,
  type Engine,
  type EngineOptions,
  type EngineSettings,
  type EngineSource,
  type Limits,
} from "./types";

export { engineReport } from "./report";
export { EngineError, type Engine } from "./types";

const defaultLimits: Limits = {
  answer: 30_000,
  connect: 5_000,
  stall: 30_000,
  goBuild: 45 * 60_000,
  progress: 10_000,
};

/** An engine that one source gave, and how it came about. */
interface Found extends Probed {
  readonly why: string;
}

/**
 * Finds a Pulumi engine or makes one: `$PULUMI_BIN`, then `pulumi` on PATH, the project's cache, the
 * official release, and last a build from Go modules. What is made is kept in the cache and nowhere
 * else (Go's own module and build caches aside). A set PULUMI_BIN that cannot be used is an error:
 * whoever set it would not want another engine in its place.
 *
 * @throws EngineError when there is none; it lists each source with its outcome.
 */
export async function resolveEngine(options: EngineOptions = {}): Promise<Engine> {
  const settings = settingsFrom(options);
  const tried: Attempt[] = [];

  const attempt = async (
    source: EngineSource,
    look: () => Promise<Found>,
  ): Promise<Engine | undefined> => {
    let found: Found;
    try {
      found = await look();
    } catch (error) {
      tried.push({ source, outcome: outcomeOf(error) });
      return undefined;
    }
    tried.push({ source, outcome: "used" });
    const isOurs = source !== "PULUMI_BIN" && source !== "PATH";
    const languageHostDir = isOurs ? dirname(found.path) : directoryForPath(found, settings);
    return {
      path: found.path,
      version: found.version,
      source,
      why: found.why,
      ...(languageHostDir !== undefined && { languageHostDir }),
      tried,
    };
  };

  const named = settings.environment["PULUMI_BIN"] ?? "";
  if (named !== "") {
    const engine = await attempt("PULUMI_BIN", async () => ({
      ...(await probe(resolve(named), settings)),
      why: "PULUMI_BIN names it",
    }));
    if (engine !== undefined) return engine;
    throw new EngineError("PULUMI_BIN names an engine that cannot be used", tried, [
      `set PULUMI_BIN to the executable of Pulumi ${oldestEngine} or later`,
      "unset PULUMI_BIN: then PATH, the cache, a download and a build with Go are tried",
    ]);
  }
  tried.push({ source: "PULUMI_BIN", outcome: "not set" });

  const found =
    (await attempt("PATH", () => fromPath(settings))) ??
    (await attempt("cache", () => fromCache(settings))) ??
    (settings.make ? await made(settings, attempt, tried) : undefined);
  if (found !== undefined) return found;
  throw new EngineError("there is no Pulumi engine that can be used", tried, [
    `install Pulumi ${oldestEngine} or later (${documents.installPulumi})`,
    "set PULUMI_BIN to the executable of one that is installed elsewhere",
    `install Go ${await oldestGo()} or later (${documents.installGo}); the engine is then built from Go modules`,
  ]);
}

type Attempting = (source: EngineSource, look: () => Promise<Found>) => Promise<Engine | undefined>;

/** Downloads or builds an engine into the cache, unless another run has done so meanwhile. */
async function made(
  settings: EngineSettings,
  attempt: Attempting,
  tried: Attempt[],
): Promise<Engine | undefined> {
  const make = (way: typeof download) => async (): Promise<Found> => {
    const why = await makeEntry(settings, async (workshop) => {
      const origin = await way(workshop, settings);
      // What does not run never gets into the cache.
      await probeOwn(join(workshop.entry, "bin", "pulumi"), settings);
      return origin;
    });
    return { ...(await probeOwn(cachedExecutable(settings), settings)), why };
  };
  try {
    return await withCacheLock(settings, async () => {
      const meanwhile = await fromCache(settings).catch(() => undefined);
      if (meanwhile !== undefined) return attempt("cache", () => Promise.resolve(meanwhile));
      return (
        (await attempt("download", make(download))) ?? (await attempt("go", make(buildWithGo)))
      );
    });
  } catch (error) {
    // Neither can be kept: the cache's directory cannot be written.
    const outcome = outcomeOf(error);
    tried.push({ source: "download", outcome }, { source: "go", outcome });
    return undefined;
  }
}

/** An engine of the cache has its own language host, whatever PATH has. */
async function probeOwn(path: string, settings: EngineSettings): Promise<Probed> {
  const probed = await probe(path, settings);
  const languageHost = join(dirname(path), languageHostName);
  if (!isExecutableFile(languageHost)) throw new Unusable(`${languageHost} is missing`);
  return { ...probed, languageHost };
}

async function fromPath(settings: EngineSettings): Promise<Found> {
  const path = findOnPath("pulumi", settings.environment);
  if (path === undefined) throw new Unusable("no pulumi on PATH");
  return { ...(await probe(path, settings)), why: "the first pulumi on PATH" };
}

async function fromCache(settings: EngineSettings): Promise<Found> {
  const probed = await probeOwn(cachedExecutable(settings), settings);
  return { ...probed, why: `kept in the project's cache since ${await originOf(settings)}` };
}

/** What is asked for, with every default filled in. */
export function settingsFrom(options: EngineOptions): EngineSettings {
  return {
    environment: options.environment ?? process.env,
    cacheDirectory: resolve(options.cacheDirectory ?? join(__dirname, "../../.cache/engine")),
    make: options.make ?? true,
    releasesUrl: options.releasesUrl ?? releasesUrl,
    onProgress: options.onProgress ?? (() => undefined),
    limits: { ...defaultLimits, ...options.limits },
  };
}

function outcomeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
