import type { CertificateAuthority, ServiceStatus } from "../contracts";
import { freePort, keepPort, requireFree } from "./ports";
import { superviseProcess, type SupervisedProcess } from "./process";
import { reapOrphan } from "./processRecord";
import {
  configureValkey,
  newValkeyPassword,
  readSettings,
  redisPlaces,
  writeSettings,
  type RedisPlaces,
  type ValkeySettings,
} from "./redisFiles";
import { answersPing, findRedis, redisAdvice, type RedisProgram } from "./redisProgram";
import type { ManagedServer } from "./serverSet";

/** What a stack may ask of a Valkey. */
export interface WantedValkey {
  /** By the provider's name, e.g. "allkeys_lru". @default "noeviction" */
  readonly evictionPolicy?: string;
}

/** Clients reach the server by this name; its certificate holds it, and the addresses behind it. */
export const valkeyHost = "localhost";
const NAMES = [valkeyHost, "127.0.0.1", "::1"] as const;
/** A failed server is away long enough for its absence to be noticed. */
const RESTART = { minMs: 3_000, maxMs: 30_000 } as const;

/** One server; only recorded where no program for it is installed. */
export class ValkeyServer implements ManagedServer<WantedValkey> {
  private readonly process: SupervisedProcess | undefined;
  /** Whether the process was started and is kept running since. */
  private isKept = false;

  private constructor(
    private readonly id: string,
    private readonly places: RedisPlaces,
    private kept: ValkeySettings,
    private readonly authority: CertificateAuthority,
    private readonly program: RedisProgram | undefined,
    log: (line: string) => void,
  ) {
    const { port, password } = kept;
    if (!program?.hasTls) return;
    this.process = superviseProcess({
      ...{ name: `Valkey ${id}`, command: program.command, args: [places.configuration] },
      ...{ env: { LC_ALL: "C" }, cwd: "/", logFile: places.log, record: places.record },
      signals: ["SIGTERM"],
      ready: () => answersPing(port, password, authority.certificate),
      ...{ restart: RESTART, log },
    });
  }

  /** The server whose files are in a directory; a new one where there are none, if it is wanted. */
  static async open(
    options: { readonly authority: CertificateAuthority; readonly log: (line: string) => void },
    id: string,
    directory: string,
    wanted?: WantedValkey,
  ): Promise<ValkeyServer | undefined> {
    const places = redisPlaces(directory);
    const kept = readSettings(places);
    const settings = kept ?? (wanted && (await newSettings(wanted)));
    if (!settings) return undefined;
    if (kept) keepPort(kept.port);
    else writeSettings(places, settings);
    return new ValkeyServer(id, places, settings, options.authority, findRedis(), options.log);
  }

  get settings(): ValkeySettings {
    return this.kept;
  }

  async adapt({ evictionPolicy }: WantedValkey): Promise<void> {
    if (this.kept.evictionPolicy === evictionPolicy) return;
    await this.stop();
    const { port, password } = this.kept;
    this.kept = { port, password, ...(evictionPolicy !== undefined && { evictionPolicy }) };
    writeSettings(this.places, this.kept);
  }

  /** Resolves when it answers, also where it is coming back by itself at the moment. */
  async start(): Promise<void> {
    if (!this.process) return;
    if (!this.isKept) {
      await reapOrphan(this.places.record);
      configureValkey(this.places, this.kept, await this.authority.issue(NAMES));
      await requireFree(this.kept.port, `Valkey ${this.id}`);
    }
    await this.process.start();
    this.isKept = true;
  }

  async stop(): Promise<void> {
    await this.process?.stop();
    this.isKept = false;
  }

  status(): ServiceStatus {
    const { program } = this;
    const detail = program
      ? `${program.what} was built without TLS, which managed Valkey always has; get another: ${redisAdvice}`
      : `no redis-server is installed: ${redisAdvice}`;
    return {
      ...{ resource: this.id, what: program?.what ?? "Valkey", ports: [this.kept.port] },
      ...(this.process?.status() ?? { state: "recorded", detail }),
    };
  }
}

async function newSettings({ evictionPolicy }: WantedValkey): Promise<ValkeySettings> {
  return {
    ...{ port: await freePort(), password: newValkeyPassword() },
    ...(evictionPolicy !== undefined && { evictionPolicy }),
  };
}
