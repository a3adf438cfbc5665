import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { metricsIntake } from "../../host/paths";
import type { ServiceStatus } from "../contracts";
import { seriesIn } from "./remoteWrite";

/** What came in since the receiver started. */
export interface MetricsSeen {
  /** Pushes that were taken. */
  readonly pushes: number;
  /** Pushes that were no remote-write. */
  readonly broken: number;
  /** Processes that pushed, by the `job` of their series. */
  readonly instances: Readonly<Record<string, number>>;
}

/**
 * Takes pushes where Prometheus would, which does not run here: it answers like Prometheus, remembers
 * who pushed, and forgets the numbers. As Prometheus it says that it is not ready.
 */
export class MetricsReceiver {
  private server: Server | undefined;
  private pushes = 0;
  private broken = 0;
  private readonly instances = new Map<string, Set<string>>();

  /** Loopback port; 0 while it is not started. */
  get port(): number {
    return (this.server?.address() as AddressInfo | null | undefined)?.port ?? 0;
  }

  get seen(): MetricsSeen {
    return {
      pushes: this.pushes,
      broken: this.broken,
      instances: Object.fromEntries(
        [...this.instances].map(([job, instances]) => [job, instances.size] as const).sort(),
      ),
    };
  }

  async start(): Promise<void> {
    if (this.server) return;
    const server = createServer((incoming, outgoing) => {
      this.answer(incoming, outgoing);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    this.server = server;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** Reads a push and answers it as Prometheus would. */
  take(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const series = seriesIn(Buffer.concat(chunks));
      if (series === undefined) {
        this.broken++;
        outgoing.writeHead(400).end("not a push by remote-write\n");
        return;
      }
      this.pushes++;
      for (const { job = "", instance = "" } of series) {
        const instances = this.instances.get(job) ?? new Set();
        this.instances.set(job, instances.add(instance));
      }
      outgoing.writeHead(204).end();
    });
  }

  /** @param port Where pushes come in. */
  statuses(resource: string, port: number): readonly ServiceStatus[] {
    const { pushes, instances } = this.seen;
    const from = Object.entries(instances).map(([job, count]) => `${job} (${count})`);
    const detail =
      pushes === 0
        ? "no metrics were pushed yet"
        : `${pushes} ${pushes === 1 ? "push" : "pushes"}, processes by job: ${from.join(", ")}`;
    return [
      {
        resource,
        what: "receiver of metrics",
        state: this.server ? "running" : "stopped",
        ports: [port],
        detail: `stands in for Prometheus: ${detail}`,
      },
    ];
  }

  private answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (incoming.url === metricsIntake.path && incoming.method === "POST") {
      this.take(incoming, outgoing);
    } else {
      outgoing.writeHead(incoming.url === "/-/ready" ? 503 : 404).end();
    }
  }
}
