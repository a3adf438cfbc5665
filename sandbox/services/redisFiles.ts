import { createHash, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { KeyPair } from "../contracts";
import { textIn, writePrivately } from "./privateFile";

/** What one Valkey keeps about itself, in a file that its owner alone may read. */
const settingsShape = z.object({
  /** The same for as long as it exists: clients are configured with it. */
  port: z.int().positive(),
  password: z.string(),
  /** By the provider's name, e.g. "allkeys_lru". */
  evictionPolicy: z.string().optional(),
});

export type ValkeySettings = z.infer<typeof settingsShape>;

/** Where the files of one server are. */
export interface RedisPlaces {
  readonly directory: string;
  readonly settings: string;
  readonly configuration: string;
  readonly data: string;
  readonly certificate: string;
  readonly key: string;
  readonly log: string;
  readonly record: string;
}

/** Small on purpose: what does not fit into the cache of a sandbox shows the policy at work. */
const MEMORY = "64mb";

/**
 * Commands that the application's user may not run: DigitalOcean documents the first two; the others
 * would change what the sandbox watches over.
 */
const forbidden = ["config", "monitor", "acl", "debug", "module", "replicaof", "shutdown"] as const;

export function redisPlaces(directory: string): RedisPlaces {
  return {
    directory,
    settings: join(directory, "settings.json"),
    configuration: join(directory, "redis.conf"),
    data: join(directory, "data"),
    certificate: join(directory, "server.crt"),
    key: join(directory, "server.key"),
    log: join(directory, "redis.log"),
    record: join(directory, "redis.process.json"),
  };
}

/** Undefined where there is no server yet. */
export function readSettings({ settings, directory }: RedisPlaces): ValkeySettings | undefined {
  const text = textIn(settings);
  if (text === undefined) return undefined;
  try {
    return settingsShape.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(
      `${settings} is damaged, so its Valkey cannot be reached any more: delete ${directory}, or the whole sandbox with drops sandbox reset`,
      { cause: error },
    );
  }
}

export function writeSettings(places: RedisPlaces, settings: ValkeySettings): void {
  writePrivately(places.settings, JSON.stringify(settings));
}

export function newValkeyPassword(): string {
  return randomBytes(18).toString("base64url");
}

/** Writes a managed server's configuration: TLS alone, one user, data kept over a restart. */
export function configureValkey(places: RedisPlaces, settings: ValkeySettings, tls: KeyPair): void {
  const { port, password, evictionPolicy = "noeviction" } = settings;
  const hash = createHash("sha256").update(password).digest("hex");
  mkdirSync(places.data, { recursive: true, mode: 0o700 });
  writePrivately(places.certificate, tls.certificate);
  writePrivately(places.key, tls.key);
  writePrivately(
    places.configuration,
    `bind 127.0.0.1
port 0
tls-port ${port}
tls-cert-file ${quoted(places.certificate)}
tls-key-file ${quoted(places.key)}
tls-auth-clients no
user default on #${hash} ~* &* +@all ${forbidden.map((command) => `-${command}`).join(" ")}
maxmemory ${MEMORY}
maxmemory-policy ${evictionPolicy.replaceAll("_", "-")}
save 60 1
dir ${quoted(places.data)}
`,
  );
}

/** Paths may hold spaces. */
function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/g, "\\$&")}"`;
}
