import type { CertificateAuthority, ServiceStatus } from "../contracts";
import { requireFree } from "./ports";
import { superviseProcess, type SupervisedProcess } from "./process";
import { reapOrphan } from "./processRecord";
import { configureValkey, type RedisPlaces, type ValkeySettings } from "./redisFiles";
import { answersPing, isInCluster, type RedisProgram } from "./redisProgram";

/** Clients reach the server by this name; its certificate holds it, and the addresses behind it. */
export const valkeyHost = "localhost";
const NAMES = [valkeyHost, "127.0.0.1", "::1"] as const;
/** A failed server is away long enough for its absence to be noticed. */
const RESTART = { minMs: 3_000, maxMs: 30_000 } as const;

/** One process of a Valkey: the only one, or one shard of a cluster. */
export class ValkeyProcess {
  private readonly process: SupervisedProcess;
  /** Whether it was started and is kept running since. */
  private isKept = false;
  /** Of the configuration that it was started with. */
  private password = "";

  constructor(
    private readonly args: {
      /** What messages call it, e.g. "Valkey a1b2, shard 1". */
      readonly name: string;
      readonly places: RedisPlaces;
      readonly port: number;
      /** Absent without cluster mode. */
      readonly shard?: { readonly index: number; readonly busPort: number };
      readonly program: RedisProgram;
      readonly authority: CertificateAuthority;
      readonly log: (line: string) => void;
    },
  ) {
    const { name, places, program, log } = args;
    this.process = superviseProcess({
      ...{ name, command: program.command, args: [places.configuration] },
      ...{ env: { LC_ALL: "C" }, cwd: "/", logFile: places.log, record: places.record },
      signals: ["SIGTERM"],
      ready: () => answersPing(this.access),
      ...{ restart: RESTART, log },
    });
  }

  /** Resolves when it answers, also where it is coming back by itself at the moment. */
  async start(settings: ValkeySettings): Promise<void> {
    const { places, port, shard, authority, name } = this.args;
    if (!this.isKept) {
      await reapOrphan(places.record);
      const pair = await authority.issue(NAMES, shard ? "peer" : "server");
      const tls = { ...pair, authority: authority.certificate };
      configureValkey(places, settings, tls, shard?.index);
      this.password = settings.password;
      for (const own of shard ? [port, shard.busPort] : [port]) await requireFree(own, name);
    }
    await this.process.start();
    this.isKept = true;
  }

  async stop(): Promise<void> {
    await this.process.stop();
    this.isKept = false;
  }

  /** Whether it has found the other shards. */
  async isInCluster(): Promise<boolean> {
    return await isInCluster(this.access);
  }

  status(): ReturnType<SupervisedProcess["status"]> & Pick<ServiceStatus, "state"> {
    return this.process.status();
  }

  private get access() {
    const { port, authority } = this.args;
    return { port, password: this.password, ca: authority.certificate };
  }
}
