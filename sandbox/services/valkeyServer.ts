import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { CertificateAuthority, ServiceStatus } from "../contracts";
import { freePort, keepPort } from "./ports";
import type { FindProgram } from "./programs";
import {
  newShardId,
  newValkeyPassword,
  readSettings,
  redisPlaces,
  shardPlaces,
  writeSettings,
  type RedisPlaces,
  type Shard,
  type ValkeySettings,
} from "./redisFiles";
import { findRedis, redisAdvice, type RedisProgram } from "./redisProgram";
import type { ManagedServer } from "./serverSet";
import { ValkeyProcess } from "./valkeyProcess";

/** What a stack may ask of a Valkey. */
export interface WantedValkey {
  /** By the provider's name, e.g. "allkeys_lru". @default "noeviction" */
  readonly evictionPolicy?: string;
  /**
   * Primaries of a cluster, which share the keys; clients need cluster mode even for one. It cannot
   * change later. @default a single server without cluster mode
   */
  readonly shards?: number;
  /** Passwords that count, the newest first; none: it asks for none. @default one of its own */
  readonly passwords?: readonly string[];
}

export interface ValkeyOptions {
  /** Each server has a directory of its own in it. */
  readonly directory: string;
  /** Whom the application trusts anyway: DigitalOcean's Valkey has publicly signed certificates. */
  readonly authority: CertificateAuthority;
  readonly log: (line: string) => void;
  /** Path of an installed program. @default looks where systems keep them */
  readonly find?: FindProgram;
}

/** Shards answer each on its own at once; to find one another takes some seconds. */
const CLUSTER_MS = 30_000;

/** One Valkey, a single server or a cluster; only recorded where no program for it is installed. */
export class ValkeyServer implements ManagedServer<WantedValkey> {
  /** Empty where it is only recorded. */
  private readonly processes: readonly ValkeyProcess[];

  private constructor(
    private readonly id: string,
    private readonly places: RedisPlaces,
    private kept: ValkeySettings,
    options: ValkeyOptions,
    private readonly program: RedisProgram | undefined,
  ) {
    const { port, shards } = kept;
    if (!program || this.lack !== undefined) {
      this.processes = [];
      return;
    }
    const common = { program, authority: options.authority, log: options.log };
    const name = `Valkey ${id}`;
    this.processes = shards?.map(
      (shard, index) =>
        new ValkeyProcess({
          ...{ ...common, name: `${name}, shard ${index + 1}`, port: shard.port },
          ...{ places: shardPlaces(places, index), shard: { index, busPort: shard.busPort } },
        }),
    ) ?? [new ValkeyProcess({ ...common, name, places, port })];
  }

  /** The server whose files are in a directory; a new one where there are none, if it is wanted. */
  static async open(
    options: ValkeyOptions,
    id: string,
    directory: string,
    wanted?: WantedValkey,
  ): Promise<ValkeyServer | undefined> {
    const places = redisPlaces(directory);
    const kept = readSettings(places);
    const settings = kept ?? (wanted && (await newSettings(wanted)));
    if (!settings) return undefined;
    if (kept) for (const port of portsOf(kept).flat()) keepPort(port);
    else writeSettings(places, settings);
    return new ValkeyServer(id, places, settings, options, findRedis(options.find));
  }

  get settings(): ValkeySettings {
    return this.kept;
  }

  async adapt({ evictionPolicy, shards, passwords }: WantedValkey): Promise<void> {
    const { kept } = this;
    if (shards !== kept.shards?.length) {
      throw new Error(
        `Valkey ${this.id} has ${shardsText(kept.shards?.length)}, and keeps them: replace it to get ${shardsText(shards)}`,
      );
    }
    const next = { ...kept, evictionPolicy, ...(passwords && chosen(passwords)) };
    // What is undefined is not written, and so is not there when it is read again.
    if (isDeepStrictEqual({ evictionPolicy: undefined, ...kept }, next)) return;
    await this.stop();
    this.kept = next;
    writeSettings(this.places, this.kept);
  }

  /** Resolves when it answers, also where it is coming back by itself at the moment. */
  async start(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.start(this.kept)));
    if (this.kept.shards) await this.becomesCluster();
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stop()));
  }

  /** One of each shard. */
  statuses(): readonly ServiceStatus[] {
    const { program, lack } = this;
    const count = this.kept.shards?.length;
    return portsOf(this.kept).map((ports, index) => {
      const what = program?.what ?? "Valkey";
      return {
        resource: this.id,
        what: count === undefined ? what : `${what}, shard ${index + 1} of ${count}`,
        ports,
        ...(this.processes[index]?.status() ?? {
          state: "recorded",
          ...(lack !== undefined && { detail: lack }),
        }),
      };
    });
  }

  /** Why nothing runs for it on this machine. */
  private get lack(): string | undefined {
    const { program } = this;
    if (!program) return `no redis-server is installed: ${redisAdvice}`;
    if (!program.hasTls) {
      return `${program.what} was built without TLS, which managed Valkey always has; get another: ${redisAdvice}`;
    }
    if (this.kept.shards && !program.hasClusterPort) {
      return `${program.what} lets nobody choose the port of a cluster's nodes, version 7.0 does: ${redisAdvice}`;
    }
    return undefined;
  }

  private async becomesCluster(): Promise<void> {
    for (const deadline = Date.now() + CLUSTER_MS; ;) {
      const found = await Promise.all(this.processes.map((process) => process.isInCluster()));
      if (found.every(Boolean)) return;
      if (Date.now() > deadline) {
        const lost = found.flatMap((isIn, index) => (isIn ? [] : [index + 1])).join(", ");
        throw new Error(
          `Valkey ${this.id}: shard ${lost} did not find the others within ${CLUSTER_MS / 1_000} s; their logs are in ${this.places.directory}`,
        );
      }
      await sleep(200);
    }
  }
}

/** Ports of each process: for clients, and of a shard for the other shards. */
function portsOf({ port, shards }: ValkeySettings): readonly (readonly number[])[] {
  return shards?.map((shard) => [shard.port, shard.busPort]) ?? [[port]];
}

function shardsText(count: number | undefined): string {
  return count === undefined ? "no cluster mode" : `${count} shards`;
}

/** Without one, whatever is said passes. */
const chosen = (passwords: readonly string[]) => ({
  ...{ password: passwords[0] ?? "none", passwords: [...passwords] },
});

async function newSettings({
  evictionPolicy,
  shards,
  passwords,
}: WantedValkey): Promise<ValkeySettings> {
  const common = {
    ...(passwords ? chosen(passwords) : { password: newValkeyPassword() }),
    ...(evictionPolicy !== undefined && { evictionPolicy }),
  };
  if (shards === undefined) return { ...common, port: await freePort() };
  const made: Shard[] = [];
  while (made.length < shards) {
    made.push({ id: newShardId(), port: await freePort(), busPort: await freePort() });
  }
  const [first] = made;
  if (!first) throw new Error(`a cluster has one shard or more, got ${shards}`);
  return { ...common, port: first.port, shards: made };
}
