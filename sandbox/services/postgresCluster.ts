import { openAuthority } from "../certificates";
import type { CertificateAuthority, ServiceStatus } from "../contracts";
import { freePort, keepPort, requireFree } from "./ports";
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
import { prepareCluster, serverVersion, type SuperuserAccess } from "./postgresSql";
import { superviseProcess, type SupervisedProcess } from "./process";
import { reapOrphan } from "./processRecord";
import type { ManagedServer } from "./serverSet";

/** What a server is made with. */
export interface WantedCluster {
  readonly major: number;
  /** Connections that applications may hold together. */
  readonly connectionLimit: number;
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
  }

  /** The server whose files are in a directory; a new one where there are none, if it is wanted. */
  static async open(
    id: string,
    directory: string,
    log: (line: string) => void,
    wanted?: WantedCluster,
  ): Promise<PostgresCluster | undefined> {
    const places = postgresPlaces(directory);
    const kept = readSettings(places);
    const settings = kept ?? (wanted && (await newSettings(wanted)));
    if (!settings) return undefined;
    if (kept) keepPort(kept.port);
    else writeSettings(places, settings);
    const authority = await openAuthority(places.authority, `Drops sandbox database ${id}`);
    return new PostgresCluster(id, places, settings, authority, log);
  }

  get administratorPassword(): string {
    return this.settings.administratorPassword;
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
      await configure(places, settings, await this.authority.issue(NAMES));
      await requireFree(settings.port, `Postgres ${this.id}`);
    }
    await this.process.start();
    this.isKept = true;
    if (!this.isPrepared) await prepareCluster(access, settings.administratorPassword);
    this.isPrepared = true;
  }

  async stop(): Promise<void> {
    await this.process.stop();
    this.isKept = false;
  }

  statuses(): readonly ServiceStatus[] {
    const ports = [this.settings.port];
    const what = `Postgres ${this.version}`;
    return [{ resource: this.id, what, ports, ...this.process.status() }];
  }
}

/** Ends whatever runs on the files of a server, whoever started it. */
export async function clearLeftovers(directory: string): Promise<void> {
  const { record, data } = postgresPlaces(directory);
  await reapOrphan(record);
  await endUnnotedServer(data);
}

async function newSettings({ major, connectionLimit }: WantedCluster): Promise<PostgresSettings> {
  return {
    ...{ major, connectionLimit, port: await freePort() },
    superuserPassword: newPostgresPassword(),
    administratorPassword: newPostgresPassword(),
  };
}
