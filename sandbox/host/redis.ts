import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { paths } from "../../host/paths";
import type { ServiceStatus } from "../contracts";
import { superviseProcess, type SupervisedProcess } from "../services/process";
import { redisAdvice } from "../services/redisProgram";
import { textIn, writeAtOnce } from "../files";
import { endLeftover } from "./leftover";
import { Failed } from "./outcome";
import type { HostPlace } from "./relocation";

/** Redis of one host, with the bundle's own redis.conf on a port of the host's. */
export class HostRedis {
  private readonly supervised: SupervisedProcess | undefined;
  private readonly configuration: string;
  private wanted = false;

  /** @param args.command Undefined where it is not installed: then nothing runs. */
  constructor(
    private readonly args: {
      readonly command: string | undefined;
      readonly place: HostPlace;
      readonly directory: string;
      readonly name: string;
      readonly log: (line: string) => void;
    },
  ) {
    const { command, place, directory, name, log } = args;
    this.configuration = join(place.root, "run/redis.conf");
    if (command === undefined) return;
    this.supervised = superviseProcess({
      name: `Redis of ${name}`,
      command,
      args: [this.configuration],
      env: {},
      cwd: place.root,
      logFile: join(place.root, "var/log/redis.log"),
      record: join(directory, "redis.process.json"),
      ready: () => isAnswering(place.ports.redis),
      signals: ["SIGTERM"],
      restart: { minMs: 500, maxMs: 15_000 },
      log,
    });
  }

  get isInstalled(): boolean {
    return this.supervised !== undefined;
  }

  get isActive(): boolean {
    return this.supervised?.status().state === "running";
  }

  /** Anew where it runs already: it reads its file only then. */
  async start(): Promise<void> {
    this.wanted = true;
    if (!this.supervised) return;
    const { root, ports } = this.args.place;
    const file = `${paths.etc}/redis.conf`;
    const text = textIn(root + file);
    if (text === undefined) throw new Failed(`${file}: No such file or directory`);
    const data = join(root, "var/lib/redis");
    mkdirSync(data, { recursive: true });
    const pidFile = join(root, "run/redis.pid");
    const moved = `${text}pidfile ${JSON.stringify(pidFile)}\n`
      .replace(/^port .*$/m, `port ${ports.redis}`)
      .replace(/^dir .*$/m, () => `dir ${JSON.stringify(data)}`);
    writeAtOnce(this.configuration, moved, 0o600);
    await this.supervised.stop();
    await endLeftover(pidFile, root);
    await this.supervised.start();
  }

  async stop(): Promise<void> {
    this.wanted = false;
    await this.supervised?.stop();
  }

  statuses(resource: string): readonly ServiceStatus[] {
    const what = "redis-server";
    if (!this.wanted) return [];
    if (!this.supervised) {
      return [{ resource, what, state: "recorded", detail: `not installed: ${redisAdvice}` }];
    }
    return [{ resource, what, ports: [this.args.place.ports.redis], ...this.supervised.status() }];
  }
}

/** Whether a Redis without a password answers on a port of 127.0.0.1. */
function isAnswering(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => {
      end(false);
    });
    socket.once("data", (data) => {
      end(data.toString().startsWith("+PONG"));
    });
    socket.once("error", () => {
      end(false);
    });
  });
}
