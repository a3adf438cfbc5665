import { constants, realpathSync } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { failureOf, runCommand, type CommandOutcome } from "./command";
import { findOnPath, isExecutableFile, systemOf } from "./executables";
import { engineVersion, languageHostName, oldestEngine } from "./requirements";
import { Unusable, type EngineSettings } from "./types";
import { isOlder, majorOf, printedVersion } from "./version";

/** What an executable said of itself. */
export interface Probed {
  readonly path: string;
  readonly version: string;
  /** Executable that the engine starts to run a Node program. */
  readonly languageHost: string;
}

/** Asks an engine for its version and looks for its language host; throws Unusable. */
export async function probe(path: string, settings: EngineSettings): Promise<Probed> {
  await requireExecutable(path);
  const outcome = await runCommand(path, ["version"], {
    // It would ask the internet for a newer release.
    environment: { ...settings.environment, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: settings.limits.answer,
  });
  if (outcome.timedOut) {
    throw new Unusable(`${path} version: no answer in ${settings.limits.answer / 1000} s`);
  }
  if (outcome.code !== 0) throw new Unusable(await crashed(path, outcome));

  const version = printedVersion(outcome.stdout);
  if (version === undefined) {
    const got = outcome.stdout.trim().slice(0, 60);
    throw new Unusable(`${path} version: printed ${got === "" ? "nothing" : JSON.stringify(got)}`);
  }
  if (majorOf(version) !== majorOf(engineVersion)) {
    throw new Unusable(
      `${path} is ${version}; only version ${majorOf(engineVersion)} is known here`,
    );
  }
  if (isOlder(version, oldestEngine)) {
    throw new Unusable(`${path} is ${version}; the oldest that can be used is ${oldestEngine}`);
  }

  const languageHost = besideEngine(path) ?? findOnPath(languageHostName, settings.environment);
  if (languageHost === undefined) {
    throw new Unusable(
      `${path} is ${version}, but ${languageHostName} is not beside it or on PATH`,
    );
  }
  return { path, version, languageHost };
}

/**
 * The engine prefers a language host on PATH, whatever its version, to the one beside itself. Where
 * that would be another one, this is the directory that must come first.
 */
export function directoryForPath(
  { path, languageHost }: Probed,
  settings: EngineSettings,
): string | undefined {
  const first = findOnPath(languageHostName, settings.environment);
  if (first === undefined || besideEngine(path) === undefined) return undefined;
  return realpathSync(first) === realpathSync(languageHost) ? undefined : dirname(languageHost);
}

/** The engine looks beside the file that it really is, not beside a link to it. */
function besideEngine(path: string): string | undefined {
  const host = join(dirname(realpathSync(path)), languageHostName);
  return isExecutableFile(host) ? host : undefined;
}

async function requireExecutable(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Unusable(`${path} does not exist`);
  if (!found.isFile()) throw new Unusable(`${path} is not a file: the executable itself is meant`);
  await access(path, constants.X_OK).catch(() => {
    throw new Unusable(`${path} may not be executed (chmod +x)`);
  });
}

async function crashed(path: string, outcome: CommandOutcome): Promise<string> {
  const here = `${process.platform} ${process.arch}`;
  // A program for another system is handed to the shell, which stumbles over its first bytes.
  const madeFor = await systemOf(path).catch(() => undefined);
  if (madeFor !== undefined && madeFor !== here) {
    return `${path} is a program for ${madeFor}; this machine is ${here}`;
  }
  return `${path} version: ${failureOf(outcome)}`;
}
