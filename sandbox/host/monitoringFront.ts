import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { metricsIntake, paths } from "../../host/paths";
import type { ServiceStatus } from "../contracts";
import { textIn } from "../files";
import type { MetricsReceiver } from "./metricsReceiver";
import { Failed } from "./outcome";
import type { HostPlace } from "./relocation";
import type { Web } from "./web";

/** Bytes that a push may have, as nginx is told. */
const MOST = 4 * 1024 * 1024;

/**
 * Stands before a monitoring host where nginx is not installed: its health, which is bad, because
 * Prometheus does not run here; and the way in for metrics, for whoever knows the token. No more.
 */
export class MonitoringFront implements Web {
  private servers: readonly Server[] = [];
  private checked = "";
  private token = "";

  constructor(
    private readonly place: HostPlace,
    private readonly receiver: MetricsReceiver,
  ) {}

  get isActive(): boolean {
    return this.servers.length > 0;
  }

  check(): Promise<void> {
    const [, token] =
      /"~\^(.+)\$" 1;/.exec(textIn(this.place.root + paths.metricsToken) ?? "") ?? [];
    if (token === undefined) throw new Failed(`there is no token in ${paths.metricsToken}`);
    this.checked = token;
    return Promise.resolve();
  }

  async start(): Promise<void> {
    await this.stop();
    await this.reload();
    const { http, metrics } = this.place.ports;
    const site = createServer((incoming, outgoing) => {
      const path = pathOf(incoming);
      outgoing.writeHead(path === "/monitoring/healthz" ? 500 : 404).end();
    });
    const intake = createServer((incoming, outgoing) => {
      this.push(incoming, outgoing);
    });
    this.servers = [site, intake];
    try {
      await Promise.all([listen(site, http), listen(intake, metrics)]);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  reload(): Promise<void> {
    this.token = this.checked;
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    const closed = this.servers.map((server) => new Promise((done) => server.close(done)));
    for (const server of this.servers) server.closeAllConnections();
    this.servers = [];
    await Promise.all(closed);
  }

  statuses(resource: string): readonly ServiceStatus[] {
    const { http, metrics } = this.place.ports;
    return [
      {
        resource,
        what: "web server in Node",
        state: this.isActive ? "running" : "stopped",
        ports: [http, metrics],
        detail: "stands in for nginx, which is not installed",
      },
    ];
  }

  private push(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const refuse = (status: number): void => {
      incoming.resume();
      outgoing.writeHead(status).end();
    };
    if (pathOf(incoming) !== metricsIntake.path) refuse(404);
    else if (incoming.headers[metricsIntake.tokenHeader.toLowerCase()] !== this.token) refuse(403);
    else if (incoming.method !== "POST") refuse(403);
    else if (Number(incoming.headers["content-length"] ?? 0) > MOST) refuse(413);
    else this.receiver.take(incoming, outgoing);
  }
}

function pathOf({ url }: IncomingMessage): string {
  return (url ?? "/").split("?")[0] ?? "/";
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
}
