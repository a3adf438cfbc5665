import { isDeepStrictEqual } from "node:util";
import { openAuthority } from "../certificates";
import type { CertificateAuthority, KeyPair, ServiceStatus } from "../contracts";
import { freePort, keepPort, releasePort, requireFree } from "./ports";
import { prepareAurora, reload } from "./postgresAurora";
import {
  configure,
  initialise,
  postgresEnvironment,
  postgresMajor,
  postgresPlaces,
  readSettings,
  serverCommand,
  writeSettings,
  type AuroraSettings,
  type PostgresPlaces,
  type PostgresSettings,
} from "./postgresFiles";
import { endUnnotedServer } from "./postgresLock";
import { PostgresPools } from "./postgresPools";
import { prepareCluster, serverVersion, superusers, type SuperuserAccess } from "./postgresSql";
import {
  auroraSettings,
  hasPublicCertificate,
  newPostgresSettings,
  type WantedCluster,
} from "./postgresWanted";
import { superviseProcess, type SupervisedProcess } from "./process";
import { reapOrphan } from "./processRecord";
import type { ManagedServer } from "./serverSet";

/** Where and with what clusters are made. */
export interface ClusterOptions {
  /** Stands for the public ones; without it there are no clusters that need one. */
  readonly authority?: CertificateAuthority;
  readonly log: (line: string) => void;
}

/** Clients reach the server by this name; its certificate holds it, and the addresses behind it. */
export const clusterHost = "localhost";
const NAMES = [clusterHost, "127.0.0.1", "::1"] as const;
/** A failed server is away long enough for its absence to be noticed. */
const RESTART = { minMs: 3_000, maxMs: 30_000 } as const;

/** One server: a "database cluster" at DigitalOcean, of one node here. */
export class PostgresCluster implements ManagedServer<WantedCluster> {
  readonly access: SuperuserAccess;
  private readonly process: SupervisedProcess;
  private version = String(postgresMajor);
  /** Whether the process was started and is kept running since. */
  private isKept = false;
  private isPrepared = false;
  private certificate: KeyPair | undefined;
  private readonly pools: PostgresPools;

  private constructor(
    private readonly id: string,
    private readonly places: PostgresPlaces,
    private settings: PostgresSettings,
    private readonly authority: CertificateAuthority,
    log: (line: string) => void,
  ) {
    this.access = {
      port: settings.port,
      user: settings.aurora ? superusers.aws : superusers.digitalocean,
      password: settings.superuserPassword,
      ca: authority.certificate,
    };
    this.process = superviseProcess({
      ...{ name: `Postgres ${id}`, ...serverCommand(places), env: postgresEnvironment, cwd: "/" },
      ...{ logFile: places.log, record: places.record },
      // Sessions are ended and the files closed; if that takes too long, without closing.
      signals: ["SIGINT", "SIGQUIT"],
      ready: async () => {
        this.version = await serverVersion(this.access);
        return true;
      },
      ...{ restart: RESTART, log },
    });
    this.pools = new PostgresPools({
      ...{ serverPort: settings.port, ca: authority.certificate },
      databaseOf: (pool) => this.settings.pools?.databases[pool],
    });
  }

  /** The server whose files are in a directory; a new one where there are none, if it is wanted. */
  static async open(
    id: string,
    directory: string,
    { authority: shared, log }: ClusterOptions,
    wanted?: WantedCluster,
  ): Promise<PostgresCluster | undefined> {
    const places = postgresPlaces(directory);
    const kept = readSettings(places);
    const settings = kept ?? (wanted && (await newPostgresSettings(wanted)));
    if (!settings) return undefined;
    if (hasPublicCertificate(settings) && !shared)
      throw new Error("there is no public authority here");
    if (kept) for (const port of [kept.port, kept.pools?.port]) if (port) keepPort(port);
    if (!kept) writeSettings(places, settings);
    const authority =
      hasPublicCertificate(settings) && shared
        ? shared
        : await openAuthority(places.authority, `Drops sandbox database ${id}`);
    return new PostgresCluster(id, places, settings, authority, log);
  }

  get administratorPassword(): string {
    return this.settings.administratorPassword;
  }

  /** Undefined for a cluster of DigitalOcean. */
  get aurora(): AuroraSettings | undefined {
    return this.settings.aurora;
  }

  /** Has a pool's name lead to a database. @returns the port of all pools. */
  async ensurePool(name: string, database: string): Promise<number> {
    const { port = await freePort(), databases = {} } = this.settings.pools ?? {};
    this.keepPools({ port, databases: { ...databases, [name]: database } });
    await this.startPools();
    return port;
  }

  async removePool(name: string): Promise<void> {
    const { port, databases = {} } = this.settings.pools ?? {};
    if (port === undefined) return;
    const left = Object.entries(databases).filter(([other]) => other !== name);
    if (left.length > 0) {
      this.keepPools({ port, databases: Object.fromEntries(left) });
      return;
    }
    this.keepPools(undefined);
    await this.pools.stop();
    releasePort(port);
  }

  async adapt({ connectionLimit, aurora: wanted }: WantedCluster): Promise<void> {
    const before = this.settings;
    const next = { ...before, connectionLimit, ...(wanted && { aurora: auroraSettings(wanted) }) };
    if (isDeepStrictEqual(before, next) && wanted?.restart !== true) return;
    this.settings = next;
    writeSettings(this.places, next);
    // A new password counts at once.
    if (wanted) this.isPrepared = false;
    const stays = wanted?.hasInstance === true && wanted.restart !== true;
    if (!stays) await this.stop();
    else if (this.isKept && this.certificate) {
      await configure(this.places, next, this.certificate);
      await reload(this.access);
    }
  }

  /** Resolves when it answers, also where it is coming back by itself at the moment. */
  async start(): Promise<void> {
    const { places, settings, access } = this;
    const { administratorPassword, advanced = false, aurora } = settings;
    if (aurora?.hasInstance === false) return;
    if (!this.isKept) {
      await clearLeftovers(places.directory);
      await initialise(places, access);
      this.certificate = await this.authority.issue(NAMES);
      await configure(places, settings, this.certificate);
      await requireFree(settings.port, `Postgres ${this.id}`);
    }
    await this.process.start();
    this.isKept = true;
    if (!this.isPrepared) {
      if (aurora) await prepareAurora(access, aurora);
      else await prepareCluster(access, administratorPassword, advanced);
    }
    this.isPrepared = true;
    await this.startPools();
  }

  async stop(): Promise<void> {
    await this.pools.stop();
    await this.process.stop();
    this.isKept = false;
  }

  statuses(): readonly ServiceStatus[] {
    const { port, pools } = this.settings;
    const what = `Postgres ${this.version}`;
    return [
      {
        ...{ resource: this.id, what, ports: [port], ...this.process.status() },
        ...(this.aurora?.hasInstance === false && { detail: "it has no instance" }),
      },
      ...(pools
        ? [
            {
              ...{ resource: this.id, what: "connection pools", ports: [pools.port] },
              state: this.process.state,
              detail:
                Object.entries(pools.databases)
                  .map(([name, database]) => `${name} is ${database}`)
                  .join(", ") + "; connections pass through, none is shared",
            },
          ]
        : []),
    ];
  }

  private async startPools(): Promise<void> {
    const { pools } = this.settings;
    if (pools && this.certificate) await this.pools.start(pools.port, this.certificate);
  }

  private keepPools(pools: PostgresSettings["pools"] | undefined): void {
    // What is undefined is not written.
    this.settings = { ...this.settings, pools };
    writeSettings(this.places, this.settings);
  }
}

/** Ends whatever runs on the files of a server, whoever started it. */
export async function clearLeftovers(directory: string): Promise<void> {
  const { record, data } = postgresPlaces(directory);
  await reapOrphan(record);
  await endUnnotedServer(data);
}
