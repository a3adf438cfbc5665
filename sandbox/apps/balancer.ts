import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { hostOf, refuseUpgrade } from "../passing";
import { passOn, passUpgradeOn, refuse, type Onward } from "./proxy";
import { decide } from "./routing";
import type { AppSpec } from "./spec";

/** What the balancer stands before; asked anew for each request. */
interface Behind {
  /** Undefined: no deployment is live. */
  readonly spec: () => AppSpec | undefined;
  /** Loopback ports of a component's instances that get requests. */
  readonly ports: (component: string) => readonly number[];
}

/**
 * The load balancer of one app: plain HTTP on loopback, since the platform's edge before it ends TLS.
 * Requests go to the healthy instances one after the other.
 */
export class Balancer {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly turns = new Map<string, number>();

  constructor(private readonly behind: Behind) {
    this.server = createServer({ maxHeaderSize: 32 * 1024 });
    // An upload takes as long as it takes; what is too long for the platform is its edge's to end.
    this.server.requestTimeout = 0;
    this.server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
    });
    this.server.on("request", (incoming, outgoing) => {
      this.answer(incoming, outgoing);
    });
    this.server.on("upgrade", (incoming, socket, head) => {
      this.upgrade(incoming, socket, head);
    });
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
  }

  /** Ends every connection at once. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const spec = this.behind.spec();
    if (!spec) {
      refuse(outgoing, 503, "no_deployment");
      return;
    }
    const decision = decide(spec, hostOf(incoming.headers), incoming.url ?? "/");
    if (decision.kind === "redirect") {
      outgoing.writeHead(decision.status, { location: decision.location }).end();
    } else if (decision.kind === "none") {
      refuse(outgoing, 404, "no_route");
    } else {
      const { component, path } = decision;
      const first = this.next(component, path);
      if (!first) refuse(outgoing, 503, "no_healthy_upstream");
      else passOn(incoming, outgoing, first, () => this.next(component, path, first.port));
    }
  }

  private upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const spec = this.behind.spec();
    const decision = spec && decide(spec, hostOf(incoming.headers), incoming.url ?? "/");
    const onward =
      decision?.kind === "pass" ? this.next(decision.component, decision.path) : undefined;
    if (onward) passUpgradeOn(incoming, socket, head, onward);
    else refuseUpgrade(socket, decision?.kind === "none" ? 404 : 503);
  }

  /** The instance whose turn it is; not the one on `except`. */
  private next(component: string, path: string, except?: number): Onward | undefined {
    const ports = this.behind.ports(component).filter((port) => port !== except);
    const turn = this.turns.get(component) ?? 0;
    const port = ports[turn % ports.length];
    if (port === undefined) return undefined;
    this.turns.set(component, (turn + 1) % Number.MAX_SAFE_INTEGER);
    return { port, path };
  }
}
