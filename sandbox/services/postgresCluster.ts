import { openAuthority } from "../certificates";
import type { CertificateAuthority, KeyPair, ServiceStatus } from "../contracts";
import { freePort, keepPort, releasePort, requireFree } from "./ports";
import {
  configure,
  initialise,
  newPostgresPassword,
  postgresEnvironment,
  postgresMajor,
  postgresPlaces,
  readSettings,
  serverCommand,
  writeSettings,
  type PostgresPlaces,
  type PostgresSettings,
} from "./postgresFiles";
import { endUnnotedServer } from "./postgresLock";
import { PostgresPools } from "./postgresPools";
import { prepareCluster, serverVersion, type SuperuserAccess } from "./postgresSql";
import { superviseProcess, type SupervisedProcess } from "./process";
import { reapOrphan } from "./processRecord";
import type { ManagedServer } from "./serverSet";

/** What a server is made with. */
export interface WantedCluster {
  readonly major: number;
  /** Connections that applications may hold together. */
  readonly connectionLimit: number;
  /** A certificate of the public authority, and no extension beyond those that are there. */
  readonly advanced?: boolean;
}

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
    const settings = kept ?? (wanted && (await newSettings(wanted)));
    if (!settings) return undefined;
    if (settings.advanced && !shared) throw new Error("there is no public authority here");
    if (kept) for (const port of [kept.port, kept.pools?.port]) if (port) keepPort(port);
    if (!kept) writeSettings(places, settings);
    const authority =
      settings.advanced && shared
        ? shared
        : await openAuthority(places.authority, `Drops sandbox database ${id}`);
    return new PostgresCluster(id, places, settings, authority, log);
  }

  get administratorPassword(): string {
    return this.settings.administratorPassword;
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

  async adapt({ connectionLimit }: WantedCluster): Promise<void> {
    if (this.settings.connectionLimit === connectionLimit) return;
    await this.stop();
    this.settings = { ...this.settings, connectionLimit };
    writeSettings(this.places, this.settings);
  }

  /** Resolves when it answers, also where it is coming back by itself at the moment. */
  async start(): Promise<void> {
    const { places, settings, access } = this;
    if (!this.isKept) {
      await clearLeftovers(places.directory);
      await initialise(places, settings.superuserPassword);
      this.certificate = await this.authority.issue(NAMES);
      await configure(places, settings, this.certificate);
      await requireFree(settings.port, `Postgres ${this.id}`);
    }
    await this.process.start();
    this.isKept = true;
    const { administratorPassword, advanced = false } = settings;
    if (!this.isPrepared) await prepareCluster(access, administratorPassword, advanced);
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
      { resource: this.id, what, ports: [port], ...this.process.status() },
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

async function newSettings({
  major,
  connectionLimit,
  advanced,
}: WantedCluster): Promise<PostgresSettings> {
  return {
    ...{ major, connectionLimit, port: await freePort() },
    ...(advanced && { advanced }),
    superuserPassword: newPostgresPassword(),
    administratorPassword: newPostgresPassword(),
  };
}
