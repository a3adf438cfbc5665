import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ports as usual } from "../../host/paths";
import type { ServiceStatus } from "../contracts";
import { superviseProcess, type SupervisedProcess } from "../services/process";
import { writeAtOnce } from "../files";
import { endLeftover } from "./leftover";
import type { MetricsReceiver } from "./metricsReceiver";
import { nginxTypes } from "./mimeTypes";
import { relocateNginx, type NginxProgram } from "./nginx";
import { Failed } from "./outcome";
import type { HostPlace } from "./relocation";
import { readSettings } from "./settings";
import type { Web } from "./web";

/** A port on which nobody can listen: Prometheus and Alertmanager do not run here. */
const NOBODY = 1;
const RELOAD_MS = 300;
/** `ssl_reject_handshake` came with 1.19.4. */
const OLDEST_MINOR = 20;

/** The bundle's own nginx, on loopback. */
export class NginxServer implements Web {
  private readonly supervised: SupervisedProcess;
  private readonly configuration: string;

  /** @param args.directory For the record of the process. */
  constructor(
    private readonly args: {
      readonly command: string;
      readonly place: HostPlace;
      readonly directory: string;
      readonly name: string;
      /** Stands for Prometheus where metrics come in. */
      readonly receiver: MetricsReceiver;
      readonly log: (line: string) => void;
    },
  ) {
    const { command, place, directory, name, log } = args;
    this.configuration = join(place.root, "run/nginx");
    this.supervised = superviseProcess({
      name: `nginx of ${name}`,
      command,
      args: [...this.options(), "-g", "daemon off;"],
      env: {},
      cwd: place.root,
      logFile: join(place.root, "var/log/nginx/stderr.log"),
      record: join(directory, "nginx.process.json"),
      ready: () => answers(place.ports.http),
      signals: ["SIGTERM"],
      restart: { minMs: 2_000, maxMs: 15_000 },
      log,
    });
  }

  get isActive(): boolean {
    return this.supervised.status().state === "running";
  }

  async check(): Promise<void> {
    const { root } = this.args.place;
    for (const path of ["var/log/nginx", "var/lib/nginx"]) {
      mkdirSync(join(root, path), { recursive: true });
    }
    const program = await describe(this.args.command);
    // A running nginx has read its files and needs them no more.
    rmSync(this.configuration, { recursive: true, force: true });
    for (const file of ["nginx.conf", ...below(root, "snippets")]) this.put(file, file, program);
    const site = `drops-${readSettings(root)?.role ?? "app"}`;
    this.put(`sites-available/${site}`, `sites-enabled/${site}`, program);
    writeAtOnce(join(this.configuration, "mime.types"), nginxTypes(), 0o600);
    const { status, output } = await run(this.args.command, [...this.options(), "-t", "-q"]);
    if (status !== 0) throw new Failed(output.trim());
  }

  async start(): Promise<void> {
    const { root } = this.args.place;
    await this.supervised.stop();
    await endLeftover(join(root, "run/nginx.pid"), root);
    await this.supervised.start();
  }

  async reload(): Promise<void> {
    const { pid } = this.supervised.status();
    if (pid === undefined) return;
    process.kill(pid, "SIGHUP");
    // It does not say when its new workers have taken over.
    await sleep(RELOAD_MS);
  }

  async stop(): Promise<void> {
    await this.supervised.stop();
  }

  statuses(resource: string): readonly ServiceStatus[] {
    const { root, ports } = this.args.place;
    const own = [
      ports.http,
      readSettings(root)?.role === "monitoring" ? ports.metrics : ports.https,
    ];
    return [{ resource, what: "nginx", ports: own, ...this.supervised.status() }];
  }

  private options(): readonly string[] {
    const { root } = this.args.place;
    const log = join(root, "var/log/nginx/error.log");
    return ["-p", root, "-e", log, "-c", join(this.configuration, "nginx.conf")];
  }

  private put(from: string, to: string, program: NginxProgram): void {
    const { root, ports } = this.args.place;
    const { appPort, metricsPort } = readSettings(root) ?? {};
    // Where there is no receiver, nobody can be asked.
    const receiver = this.args.receiver.port || NOBODY;
    const text = relocateNginx(readFileSync(join(root, "etc/nginx", from), "utf8"), {
      root,
      configuration: this.configuration,
      http: ports.http,
      https: ports.https,
      metrics: metricsPort === undefined ? undefined : { from: metricsPort, to: ports.metrics },
      upstreams: {
        ...(appPort !== undefined && { [appPort]: ports.app }),
        [usual.prometheus]: receiver,
        [usual.alertmanager]: NOBODY,
      },
      program,
      personal: true,
    });
    writeAtOnce(join(this.configuration, to), text, 0o600);
  }
}

/** Whether an installed nginx understands the bundle's configuration. */
export async function isUsable(command: string): Promise<boolean> {
  return (await describe(command)).minor >= OLDEST_MINOR;
}

async function describe(command: string): Promise<NginxProgram> {
  const { output } = await run(command, ["-V"]);
  return {
    minor: Number(/nginx\/1\.(\d+)/.exec(output)?.[1] ?? 0),
    without: [...output.matchAll(/--without-(\w+)/g)].map(([, module = ""]) => module),
  };
}

function below(root: string, directory: string): readonly string[] {
  const path = join(root, "etc/nginx", directory);
  return existsSync(path) ? readdirSync(path).map((name) => `${directory}/${name}`) : [];
}

function run(
  command: string,
  args: readonly string[],
): Promise<{ readonly status: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(command, args, { env: {} }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ status, output: `${stdout}${stderr}` || (error?.message ?? "") });
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", end(true)).once("error", end(false));
  });
}
