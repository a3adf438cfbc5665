import { createHash, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { KeyPair } from "../contracts";
import { textIn, writePrivately } from "./privateFile";
import { readSettingsFile } from "./settingsFile";

/** One primary of a cluster. */
const shardShape = z.object({
  /** Its name among the nodes, 40 hexadecimal digits. */
  id: z.string(),
  port: z.int().positive(),
  /** Where the other nodes reach it. */
  busPort: z.int().positive(),
});

export type Shard = z.infer<typeof shardShape>;

/** What one Valkey keeps about itself, in a file that its owner alone may read. */
const settingsShape = z.object({
  /**
   * The same for as long as it exists: clients are configured with it. Of a cluster its first
   * shard's, which tells clients of the others.
   */
  port: z.int().positive(),
  password: z.string(),
  /** Passwords that count, if the provider's user has chosen them; `password` is the first one. */
  passwords: z.array(z.string()).optional(),
  /** By the provider's name, e.g. "allkeys_lru". */
  evictionPolicy: z.string().optional(),
  /** Absent: a single server without cluster mode. */
  shards: z.array(shardShape).optional(),
});

export type ValkeySettings = z.infer<typeof settingsShape>;

/** Where the files of one server are. */
export interface RedisPlaces {
  readonly directory: string;
  readonly settings: string;
  readonly configuration: string;
  readonly data: string;
  /** The cluster as the node knows it; the server writes it anew as it changes. */
  readonly nodes: string;
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
  readonly log: string;
  readonly record: string;
}

export function redisPlaces(directory: string): RedisPlaces {
  const data = join(directory, "data");
  return {
    directory,
    settings: join(directory, "settings.json"),
    configuration: join(directory, "redis.conf"),
    data,
    nodes: join(data, "nodes.conf"),
    certificate: join(directory, "server.crt"),
    key: join(directory, "server.key"),
    authority: join(directory, "authority.crt"),
    log: join(directory, "redis.log"),
    record: join(directory, "redis.process.json"),
  };
}

/** Where the files of a cluster's shard are, the first one being 0. */
export function shardPlaces({ directory }: RedisPlaces, index: number): RedisPlaces {
  return redisPlaces(join(directory, `shard-${index + 1}`));
}

/** Undefined where there is no server yet. */
export function readSettings(places: RedisPlaces): ValkeySettings | undefined {
  return readSettingsFile(places, settingsShape, "Valkey");
}

export function writeSettings(places: RedisPlaces, settings: ValkeySettings): void {
  writePrivately(places.settings, JSON.stringify(settings));
}

export function newValkeyPassword(): string {
  return randomBytes(18).toString("base64url");
}

export function newShardId(): string {
  return randomBytes(20).toString("hex");
}

/** Small on purpose: what does not fit into the cache of a sandbox shows the policy at work. */
const MEMORY = "64mb";

/**
 * Commands that the application's user may not run: DigitalOcean documents the first two; the others
 * would change what the sandbox watches over.
 */
const forbidden = ["config", "monitor", "acl", "debug", "module", "replicaof", "shutdown"] as const;

/** What a cluster's client has to ask, and of the rest nothing: it would move slots or nodes. */
const clusterQuestions = ["slots", "shards", "nodes", "info", "keyslot", "myid", "countkeysinslot"];

/** Writes the configuration of one server: TLS alone, one user, data kept over a restart. */
export function configureValkey(
  places: RedisPlaces,
  settings: ValkeySettings,
  tls: KeyPair & { readonly authority: string },
  /** Which of the shards it is; absent without cluster mode. */
  shard?: number,
): void {
  const { evictionPolicy = "noeviction", shards = [] } = settings;
  const own = shard === undefined ? undefined : shards[shard];
  const passwords = settings.passwords ?? [settings.password];
  const hashes = passwords.map((one) => `#${createHash("sha256").update(one).digest("hex")}`);
  const login = hashes.length > 0 ? hashes.join(" ") : "nopass";
  const rights = [
    ...forbidden.map((command) => `-${command}`),
    ...(own ? ["-cluster", ...clusterQuestions.map((name) => `+cluster|${name}`)] : []),
  ];
  mkdirSync(places.data, { recursive: true, mode: 0o700 });
  writePrivately(places.certificate, tls.certificate);
  writePrivately(places.key, tls.key);
  writePrivately(places.authority, tls.authority);
  writePrivately(
    places.configuration,
    `bind 127.0.0.1
port 0
tls-port ${own?.port ?? settings.port}
tls-cert-file ${quoted(places.certificate)}
tls-key-file ${quoted(places.key)}
tls-ca-cert-file ${quoted(places.authority)}
tls-auth-clients no
user default on ${login} ~* &* +@all ${rights.join(" ")}
maxmemory ${MEMORY}
maxmemory-policy ${evictionPolicy.replaceAll("_", "-")}
save 60 1
dir ${quoted(places.data)}
${own ? clusterConfiguration(own) : ""}`,
  );
  // From then on the server's own.
  if (own && textIn(places.nodes) === undefined) {
    writePrivately(places.nodes, nodesFile(shards, own));
  }
}

/** A shard that is away takes its own keys along alone, as ElastiCache has it by default. */
function clusterConfiguration({ busPort }: Shard): string {
  return `cluster-enabled yes
cluster-config-file nodes.conf
cluster-port ${busPort}
cluster-announce-ip 127.0.0.1
cluster-node-timeout 5000
cluster-require-full-coverage no
tls-cluster yes
`;
}

const SLOTS = 16_384;

/**
 * The nodes as a server of a finished cluster has written them: with this file from the start they
 * find one another and have all slots, without a command that would have to be repeated after a crash.
 */
function nodesFile(shards: readonly Shard[], own: Shard): string {
  const first = (index: number): number => Math.round((index * SLOTS) / shards.length);
  const lines = shards.map(({ id, port, busPort }, index) => {
    const flags = id === own.id ? "myself,master" : "master";
    const slots = `${first(index)}-${first(index + 1) - 1}`;
    return `${id} 127.0.0.1:${port}@${busPort} ${flags} - 0 0 ${index + 1} connected ${slots}\n`;
  });
  return `${lines.join("")}vars currentEpoch ${shards.length} lastVoteEpoch 0\n`;
}

/** Paths may hold spaces. */
function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/g, "\\$&")}"`;
}
