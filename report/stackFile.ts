import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { encryptedHere } from "../settings/encrypted";
import { tierNames } from "../tiers/types";

/** A stack's configuration as the engine hands it to a program: text by full key. */
export interface StackConfig {
  readonly values: Readonly<Record<string, string>>;
  /** Keys whose value, or a part of it, is encrypted. */
  readonly secretKeys: readonly string[];
}

/** A mistake of the caller's: printed without a stack trace, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The stack has no file, which for some stacks is a choice and no mistake. */
export class MissingStackFile extends UsageError {
  constructor(stack: string, root: string) {
    super(
      `there is no Pulumi.${stack}.yaml in ${root}: name a stack that has one, or create it with \`pulumi stack init ${stack}\``,
    );
  }
}

/** The project's root: where Pulumi.yaml and the stacks' files are. */
export const projectRoot = join(__dirname, "..");

/**
 * Reads `Pulumi.<stack>.yaml`. What is encrypted cannot be read without the engine and becomes a
 * mark that the settings accept as "given".
 *
 * @throws MissingStackFile where there is none.
 * @throws UsageError where it cannot be read or is no stack file.
 */
export function readStackFile(stack: string, root: string = projectRoot): StackConfig {
  if (!/^[\w.-]{1,100}$/.test(stack)) throw new UsageError(`"${stack}" is no name of a stack`);
  const text = textOf(stack, root);
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    const [firstLine] = String(error instanceof Error ? error.message : error).split("\n");
    throw new UsageError(
      `Pulumi.${stack}.yaml is no YAML: ${firstLine ?? ""}; mend the file, or delete it if the stack is not used`,
    );
  }
  const config: unknown = isMap(document) ? (document["config"] ?? {}) : (document ?? {});
  if (!isMap(config)) {
    throw new UsageError(
      `Pulumi.${stack}.yaml: "config" must map keys to values, such as "drops:region: nyc3"`,
    );
  }
  const values: Record<string, string> = {};
  const secretKeys: string[] = [];
  for (const [key, value] of Object.entries(config)) {
    const { plain, secret } = withoutSecrets(value);
    values[key.includes(":") ? key : `drops:${key}`] = asText(plain);
    if (secret) secretKeys.push(key);
  }
  return { values, secretKeys };
}

function textOf(stack: string, root: string): string {
  const path = join(root, `Pulumi.${stack}.yaml`);
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new MissingStackFile(stack, root);
    throw new UsageError(
      `Pulumi.${stack}.yaml cannot be read (${String(code)}): it must be a file that you may read; see \`ls -l ${path}\``,
    );
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Stacks whose file asks for something that this version can deploy, without the `edge`. */
export function deployableStacks(root: string = projectRoot): string[] {
  return readdirSync(root)
    .flatMap((file) => /^Pulumi\.([\w.-]+)\.yaml$/.exec(file)?.[1] ?? [])
    .filter((stack) => {
      const tier = readStackFile(stack, root).values["drops:tier"] ?? stack;
      return (tierNames as readonly string[]).includes(tier);
    })
    .sort();
}

/** A value as the engine passes it: structured values as JSON, everything else as its text. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function withoutSecrets(value: unknown): { plain: unknown; secret: boolean } {
  if (typeof value !== "object" || value === null) return { plain: value, secret: false };
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "secure") return { plain: encryptedHere, secret: true };
  const parts = Object.entries(value).map(([key, child]) => [key, withoutSecrets(child)] as const);
  const secret = parts.some(([, part]) => part.secret);
  const plain = Array.isArray(value)
    ? parts.map(([, part]) => part.plain)
    : Object.fromEntries(parts.map(([key, part]) => [key, part.plain]));
  return { plain, secret };
}

/**
 * Applies `key=value` much as `pulumi config set --path` would (see `scalar`):
 * `vps.size=s-4vcpu-8gb`, `ssh.cidrs[0]=203.0.113.7/32`. The namespace may be left out.
 *
 * @throws UsageError where the text has no `=` or the path is malformed.
 */
export function withSetting(config: StackConfig, assignment: string): StackConfig {
  const match = /^(?:drops:)?([A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*|\[\d+\])*)=(.*)$/s.exec(assignment);
  const [, path, text] = match ?? [];
  if (path === undefined || text === undefined) {
    throw new UsageError(
      `--set takes key=value, such as vps.size=s-4vcpu-8gb, not "${assignment}"`,
    );
  }
  const parts = path.split(/[.[\]]+/).filter((part) => part !== "");
  const [first = "", ...rest] = parts;
  const key = `drops:${first}`;
  const value = rest.length === 0 ? text : scalar(text);
  const before = config.values[key];
  const whole = place(before === undefined ? undefined : structured(before), rest, value);
  return {
    values: { ...config.values, [key]: asText(whole) },
    // A value given by hand counts as encrypted: it never stood in the file.
    secretKeys: [...new Set([...config.secretKeys, key])],
  };
}

function structured(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Inside a structured value integers and booleans get their type, and nothing else does: so does
 * `pulumi config set --path`, and a decimal, a version or an id with a leading zero stays text. JSON,
 * which that would keep as text too, is read: `--set` has no other way to give a list.
 */
function scalar(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (/^(0|[+-]?[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  return /^[[{]/.test(text) ? structured(text) : text;
}

function place(into: unknown, [first, ...rest]: readonly string[], value: unknown): unknown {
  if (first === undefined) return value;
  if (/^\d+$/.test(first)) {
    const list: unknown[] = Array.isArray(into) ? [...(into as unknown[])] : [];
    list[Number(first)] = place(list[Number(first)], rest, value);
    return list;
  }
  const group = typeof into === "object" && into !== null && !Array.isArray(into) ? into : {};
  return { ...group, [first]: place((group as Record<string, unknown>)[first], rest, value) };
}
