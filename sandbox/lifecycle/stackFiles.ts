import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Places } from "../places";
import { textIn } from "../services/privateFile";
import type { SandboxEngine } from "./engine";
import { newSshKeys, type SandboxConfig, type SshKeys } from "./stackConfig";
import { readState } from "./state";

/** A stack's key pair, made once: a new one would be a change, and an account takes no key twice. */
export function sshKeys(places: Places, stack: string): SshKeys {
  const file = join(places.root, `ssh-keys.${stack}.json`);
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
    await required(engine, ["stack", "init", stack, "--no-select"]);
  }
  const file = join(places.project, `Pulumi.${stack}.yaml`);
  const mark = `${file}.sha256`;
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
    await required(engine, ["config", "set", "--secret", "--path", path, "--stack", stack], value);
  }
  writeFileSync(mark, marked(), { mode: 0o600 });
}

function digest(...texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\0")).digest("hex");
}

function structuredValues({ values }: SandboxConfig): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, text]) => [
      key,
      /^[[{]/.test(text) ? (JSON.parse(text) as unknown) : text,
    ]),
  );
}

async function required(
  engine: SandboxEngine,
  args: readonly string[],
  input?: string,
): Promise<void> {
  const { status, stdout, stderr } = await engine.ask(args, input);
  if (status === 0) return;
  throw new Error(`pulumi ${args.slice(0, 2).join(" ")} ended with ${status}:\n${stdout}${stderr}`);
}
