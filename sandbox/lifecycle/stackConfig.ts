import { generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  asText,
  readStackFile,
  UsageError,
  withSetting,
  type StackConfig,
} from "../../report/stackFile";
import { encryptedHere } from "../../settings/encrypted";
import { factsOf, schemaAt } from "../../settings/problems";
import { edgeSchema, largeSchema, mediumSchema, smallSchema } from "../../settings/schema";
import { isRecord } from "../isRecord";
import { checkout, sandboxZone } from "../places";
import { imageOf } from "./appBuild";
import { structured } from "./structured";

/** A stack's configuration in the sandbox: plain values, and the secrets that the engine encrypts. */
export interface SandboxConfig {
  /** Text by full key, as the engine hands it to the program. */
  readonly values: Readonly<Record<string, string>>;
  /** Secrets by path, e.g. "drops:cloudflare.acmeToken". */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Values that only work outside are replaced: the sandbox has a zone, a key and receivers of its own. */
const hook = "https://hooks.slack.com/services/SANDBOX";
/** As long as Cloudflare's, and good for nothing. */
const dnsToken = "sandbox".padEnd(40, "0");

/**
 * The committed file of a stack with what the sandbox must replace: names in a zone that this machine
 * answers for, keys, and every secret. `set` comes last.
 *
 * @throws UsageError where the file is missing or a setting is malformed.
 */
export function sandboxConfig(
  stack: string,
  tier: string,
  set: readonly string[],
  keys: SshKeys,
): SandboxConfig {
  const file = existsSync(join(checkout, `Pulumi.${stack}.yaml`)) ? stack : tier;
  const committed = readStackFile(file);
  const adapted = tier === "edge" ? edge(committed) : adaptTier(tier, committed, keys);
  const given = set.reduce(withSetting, { values: adapted.values, secretKeys: [] });
  requireTier(stack, tier, given.values["drops:tier"] ?? tier);
  const { values, secrets } = withSecretsApart(tier, withoutUnwanted(given.values, set));
  const needsToken = tier === "small" && values["drops:cloudflare"] !== undefined;
  return {
    values: { ...values, "drops:tier": tier },
    secrets: {
      ...adapted.secrets,
      ...(needsToken && { "drops:cloudflare.acmeToken": dnsToken }),
      ...secrets,
    },
  };
}

/**
 * Who takes the domain away (`domain=`) or has the platform serve it (`edge=direct`) has no use for
 * the zone of the committed file.
 */
function withoutUnwanted(
  values: SandboxConfig["values"],
  set: readonly string[],
): SandboxConfig["values"] {
  const noDomain = values["drops:domain"] === "";
  const isGiven = set.some((text) => /^(drops:)?cloudflare[.=]/.test(text));
  const noZone = !isGiven && (noDomain || values["drops:edge"] === "direct");
  return Object.fromEntries(
    Object.entries(values).filter(
      ([key]) => !(noDomain && key === "drops:domain") && !(noZone && key === "drops:cloudflare"),
    ),
  );
}

function requireTier(stack: string, tier: string, asked: string): void {
  if (asked === tier) return;
  throw new UsageError(
    `stack ${stack} is to come up as tier ${tier}, but its settings say "drops:tier: ${asked}"; ` +
      "name the tier that they say, or another stack with --stack",
  );
}

export interface SshKeys {
  /** A line as in authorized_keys. */
  readonly publicKey: string;
  /** PKCS #8, PEM. */
  readonly privateKey: string;
}

/** A key pair for the sandbox's servers alone. */
export function newSshKeys(): SshKeys {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const part = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const wire = Buffer.concat([part(Buffer.from("ssh-ed25519")), part(raw)]);
  return {
    publicKey: `ssh-ed25519 ${wire.toString("base64")} sandbox`,
    privateKey: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

function adaptTier(tier: string, committed: StackConfig, keys: SshKeys): SandboxConfig {
  const values: Record<string, string> = { ...withoutEncrypted(committed) };
  const secrets: Record<string, string> = {};
  // No server of the large tier is reached by SSH.
  if (tier !== "large") {
    secrets["drops:ssh.privateKey"] = keys.privateKey;
    // The rest of it speaks of a server and an account outside.
    values["drops:ssh"] = asText({ publicKey: keys.publicKey, cidrs: ["127.0.0.0/8"] });
  }
  if (values["drops:domain"] !== undefined) {
    values["drops:domain"] = sandboxZone.domain;
    values["drops:cloudflare"] = asText({
      ...{ zoneId: sandboxZone.id, zone: sandboxZone.name },
      ...(tier === "medium" && { plan: "pro" }),
    });
  }
  // What a release is there; the sandbox has it built from the checkout.
  const image = imageOf(tier);
  if (image !== undefined) values["drops:image"] = image;
  const alerts = groupIn(values, "drops:alerts") ?? {};
  const slack = alerts["slack"];
  values["drops:alerts"] = asText({
    ...Object.fromEntries(
      Object.entries(alerts).filter(([key]) => !["slack", "webhook", "smtp"].includes(key)),
    ),
    emails: ["ops@sandbox.localhost"],
    ...(isRecord(slack) && tier !== "large" && { slack: { channel: slack["channel"] } }),
  });
  if (isRecord(slack) && tier !== "large") secrets["drops:alerts.slack.url"] = hook;
  return { values, secrets };
}

function edge(committed: StackConfig): SandboxConfig {
  const cloudflare = groupIn(committed.values, "drops:cloudflare");
  return {
    values: {
      ...withoutEncrypted(committed),
      "drops:domain": sandboxZone.domain,
      "drops:cloudflare": asText({
        ...cloudflare,
        zoneId: sandboxZone.id,
        zone: sandboxZone.name,
      }),
    },
    secrets: {},
  };
}

/** Encrypted values belong to another passphrase; what they were for, the sandbox has of its own. */
function withoutEncrypted({ values }: StackConfig): Record<string, string> {
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean);
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, child]) => child !== encryptedHere)
        .map(([key, child]) => [key, clean(child)]),
    );
  };
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, text]) => text !== encryptedHere)
      .map(([key, text]) => [
        key,
        text.includes(encryptedHere) ? asText(clean(JSON.parse(text))) : text,
      ]),
  );
}

/** Secrets that were given by hand: in plain in the stack's file the program would refuse them. */
function withSecretsApart(tier: string, values: SandboxConfig["values"]): SandboxConfig {
  const known = {
    small: smallSchema,
    medium: mediumSchema,
    large: largeSchema,
    edge: edgeSchema,
  };
  const whole = known[tier as keyof typeof known];
  const secrets: Record<string, string> = {};
  const visit = (value: unknown, path: readonly string[]): unknown => {
    if (!isRecord(value)) {
      const schema = schemaAt(whole, path);
      if (schema === undefined || factsOf(schema).secret !== true) return value;
      secrets[`drops:${path.join(".")}`] = String(value);
      return undefined;
    }
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, child]) => [key, visit(child, [...path, key])] as const)
        .filter(([, child]) => child !== undefined),
    );
  };
  const plain = Object.entries(values).flatMap(([key, text]) => {
    const value = visit(groupIn(values, key) ?? text, [key.replace(/^drops:/, "")]);
    return value === undefined ? [] : [[key, asText(value)] as const];
  });
  return { values: Object.fromEntries(plain), secrets };
}

/** A group of settings; undefined where the key holds none. */
function groupIn(
  values: SandboxConfig["values"],
  key: string,
): Readonly<Record<string, unknown>> | undefined {
  const value = structured(key, values[key] ?? "");
  return isRecord(value) ? value : undefined;
}
