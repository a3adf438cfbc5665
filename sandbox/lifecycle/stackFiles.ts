import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Places } from "../places";
import { textIn } from "../services/privateFile";
import type { SandboxEngine } from "./engine";
import { newSshKeys, type SandboxConfig, type SshKeys } from "./stackConfig";
import { structured } from "./structured";
import { readState } from "./state";

/** A stack's key pair, made once: a new one would be a change, and an account takes no key twice. */
export function sshKeys(places: Places, stack: string): SshKeys {
  const file = keysOf(places, stack);
  if (!existsSync(file)) {
    mkdirSync(places.root, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, JSON.stringify(newSshKeys()), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return JSON.parse(readFileSync(file, "utf8")) as SshKeys;
}

/** Brings the engine's stack and its file to a configuration. Nothing happens where it has it. */
export async function writeStack(
  engine: SandboxEngine,
  places: Places,
  stack: string,
  config: SandboxConfig,
): Promise<void> {
  if (!readState(places, stack)) {
    await engine.required(["stack", "init", stack, "--no-select"]);
  }
  const file = join(places.project, `Pulumi.${stack}.yaml`);
  const mark = markOf(places, stack);
  // Of both: the engine takes its file away with the stack, and begins a new one.
  const marked = (): string => digest(JSON.stringify(config), textIn(file) ?? "");
  if (textIn(mark) === marked()) return;
  // The salt belongs to the state's secrets: it stays.
  const salt = existsSync(file)
    ? (parse(readFileSync(file, "utf8")) as { encryptionsalt?: string } | null)?.encryptionsalt
    : undefined;
  const text = stringify({
    ...(salt !== undefined && { encryptionsalt: salt }),
    config: structuredValues(config),
  });
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  for (const [path, value] of Object.entries(config.secrets)) {
    // On standard input: arguments are for everybody to read.
    await engine.required(["config", "set", "--secret", "--path", path, "--stack", stack], value);
  }
  writeFileSync(mark, marked(), { mode: 0o600 });
}

/** Deletes what the sandbox has of a stack beside the engine's own; the keys are secret. */
export function removeStackFiles(places: Places, stack: string): void {
  rmSync(keysOf(places, stack), { force: true });
  rmSync(markOf(places, stack), { force: true });
}

const keysOf = ({ root }: Places, stack: string): string => join(root, `ssh-keys.${stack}.json`);
const markOf = ({ project }: Places, stack: string): string =>
  join(project, `Pulumi.${stack}.yaml.sha256`);

function digest(...texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\0")).digest("hex");
}

function structuredValues({ values }: SandboxConfig): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, text]) => [key, structured(key, text)]),
  );
}
