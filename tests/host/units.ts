import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { BundleFile } from "../../host/types";
import { find } from "./programs";
import { start } from "./support";

/** What systemd would run for a unit of the bundle. */
export interface UnitCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Paths of its environment files. */
  readonly environmentFiles: readonly string[];
}

/** The command line of a service, from our own unit or from the drop-in for a packaged one. */
export function unitCommand(files: readonly BundleFile[], service: string): UnitCommand {
  const places = [`${service}.service`, `${service}.service.d/drops.conf`];
  const text = files.find(({ path }) =>
    places.some((place) => path.endsWith(`/${place}`)),
  )?.content;
  const valuesOf = (name: string): readonly string[] =>
    [...(text ?? "").matchAll(new RegExp(`^${name}=(.+)$`, "gm"))].map(([, value = ""]) => value);
  const [program = "", ...args] = words(valuesOf("ExecStart").at(-1) ?? "");
  return { program, args, environmentFiles: valuesOf("EnvironmentFile") };
}

/** Takes a command line apart as systemd does, as far as the bundle's go. */
function words(line: string): readonly string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) =>
    (quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? "").replaceAll("$$", "$").replaceAll("%%", "%"),
  );
}

/** The variables of an environment file, as systemd reads it. */
export function environmentIn(path: string): Readonly<Record<string, string>> {
  const lines = readFileSync(path, "utf8").matchAll(/^(\w+)="((?:[^"\\]|\\.)*)"$/gm);
  return Object.fromEntries(
    [...lines].map(([, name = "", value = ""]) => [name, value.replaceAll(/\\(.)/g, "$1")]),
  );
}

/**
 * Starts a service of the bundle with paths below the root, and with Debian 13's program where that
 * was fetched.
 */
export function startUnit(
  files: readonly BundleFile[],
  service: string,
  options: {
    readonly relocate: (text: string) => string;
    readonly env?: Readonly<Record<string, string>>;
  },
): void {
  const { program, args, environmentFiles } = unitCommand(files, service);
  const { relocate, env } = options;
  const composed = environmentFiles.map((path) => environmentIn(relocate(path)));
  const own = Object.entries(Object.assign({}, ...composed) as Record<string, string>);
  const name = basename(program);
  const fetched = find(`debian13:${name}`);
  start(fetched ?? name, args.map(relocate), {
    env: { ...Object.fromEntries(own.map(([name, value]) => [name, relocate(value)])), ...env },
  });
}
