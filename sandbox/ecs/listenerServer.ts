import { randomBytes } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Action } from "../aws/balancer/actions";
import { loadBalancerType } from "../aws/balancer/words";
import { forwardedFor, passOn, passUpgradeOn, type Manner } from "../apps/proxy";
import type { CertificateAuthority, World } from "../contracts";
import { refuseUpgrade } from "../passing";
import type { ListenerOrder } from "../containers/contract";
import { actionFor, groupFor, redirectOf } from "./decision";

/** A target of a target group as a balancer finds it. */
export interface TargetView {
  readonly port: number;
  readonly state: "initial" | "healthy" | "unhealthy";
}

interface Needs {
  readonly world: World;
  readonly authority: CertificateAuthority;
  readonly targets: (group: string) => readonly TargetView[];
}

/** Requests of a listener that the targets answer, and those that it answers itself. */
export class ListenerServer {
  private readonly sockets = new Set<Socket>();
  /** Requests under way, by the port of their target. */
  private readonly open = new Map<number, number>();
  private turn = 0;
  private readonly manner: Manner = {
    headers: (incoming) => this.headers(incoming),
    refuse: (outgoing, status) => {
      refuse(outgoing, status);
    },
  };

  private constructor(
    private readonly arn: string,
    private readonly order: ListenerOrder,
    private readonly needs: Needs,
    private readonly server: Server,
  ) {
    server.requestTimeout = 0;
    server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.setTimeout(this.idleMs, () => socket.destroy());
      socket.once("close", () => this.sockets.delete(socket));
    });
    server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => {
      this.answer(incoming, outgoing);
    });
    server.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.upgrade(incoming, socket, head);
    });
  }

  /** @param port Of this machine. */
  static async start(
    arn: string,
    order: ListenerOrder,
    port: number,
    needs: Needs,
  ): Promise<ListenerServer> {
    const { certificateNames: names } = order;
    const options = { maxHeaderSize: 64 * 1024 };
    let server: Server = createServer(options);
    if (names) {
      const { key, certificate: cert } = await needs.authority.issue(names);
      server = createTlsServer({ ...options, key, cert });
    }
    const listener = new ListenerServer(arn, order, needs, server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
    return listener;
  }

  get tls(): boolean {
    return this.order.certificateNames !== undefined;
  }

  get port(): number {
    return this.order.port;
  }

  get balancerArn(): string {
    return this.order.balancerArn;
  }

  /** Ends every connection at once. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private get idleMs(): number {
    const balancer = this.needs.world.get(loadBalancerType, this.order.balancerArn);
    return Number(balancer?.outputs["idleTimeout"] ?? 60) * 1_000;
  }

  private answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const action = actionFor(this.needs.world, this.arn, incoming);
    if (action?.type === "forward") this.forward(action, incoming, outgoing);
    else if (action?.redirect) {
      const location = redirectOf(action.redirect, incoming, this.place);
      outgoing.writeHead(statusOf(action.redirect), { location }).end();
    } else if (action?.fixedResponse) {
      const { statusCode = "200", contentType, messageBody = "" } = action.fixedResponse;
      outgoing.writeHead(Number(statusCode), { "content-type": contentType }).end(messageBody);
    } else refuse(outgoing, 503);
  }

  private forward(action: Action, incoming: IncomingMessage, outgoing: ServerResponse): void {
    const group = groupFor(action);
    const path = incoming.url ?? "/";
    const first = this.next(group);
    if (first === undefined) {
      refuse(outgoing, 503);
      return;
    }
    let end = this.begin(first);
    outgoing.once("close", () => {
      end();
    });
    const next = (): { port: number; path: string } | undefined => {
      const port = this.next(group, first);
      if (port === undefined) return undefined;
      end();
      end = this.begin(port);
      return { port, path };
    };
    passOn(incoming, outgoing, { port: first, path }, next, this.manner);
  }

  private upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const action = actionFor(this.needs.world, this.arn, incoming);
    if (action?.type !== "forward") {
      const { fixedResponse, redirect } = action ?? {};
      if (redirect) {
        refuseUpgrade(socket, statusOf(redirect), redirectOf(redirect, incoming, this.place));
      } else refuseUpgrade(socket, Number(fixedResponse?.statusCode ?? 503));
      return;
    }
    const port = this.next(groupFor(action));
    if (port === undefined) {
      refuseUpgrade(socket, 503);
      return;
    }
    socket.once("close", this.begin(port));
    passUpgradeOn(incoming, socket, head, { port, path: incoming.url ?? "/" }, this.manner);
  }

  /** The target with the fewest requests under way, each in its turn; not the one on `except`. */
  private next(group: string | undefined, except?: number): number | undefined {
    const all = (group === undefined ? [] : this.needs.targets(group)).filter(
      ({ port }) => port !== except,
    );
    const healthy = all.filter(({ state }) => state === "healthy");
    // Where none is healthy all get requests: none might be sick but the check.
    const open = healthy.length > 0 ? healthy : all.filter(({ state }) => state === "unhealthy");
    this.turn = (this.turn + 1) % Number.MAX_SAFE_INTEGER;
    const turned = open.map((_, index) => open[(index + this.turn) % open.length] as TargetView);
    return turned.reduce<TargetView | undefined>(
      (best, one) => (best && this.busy(best.port) <= this.busy(one.port) ? best : one),
      undefined,
    )?.port;
  }

  private busy(port: number): number {
    return this.open.get(port) ?? 0;
  }

  /** Counts a request of a target until what it returns is called. */
  private begin(port: number): () => void {
    this.open.set(port, this.busy(port) + 1);
    return () => {
      const left = this.busy(port) - 1;
      if (left > 0) this.open.set(port, left);
      else this.open.delete(port);
    };
  }

  private get place() {
    return { protocol: this.tls ? "HTTPS" : "HTTP", port: this.order.port };
  }

  private headers({ headers, socket }: IncomingMessage): OutgoingHttpHeaders {
    const peer = (socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, "");
    return {
      "x-forwarded-for": forwardedFor(headers["x-forwarded-for"], peer),
      // Its own, whatever came: nobody before it can say how the balancer was reached.
      "x-forwarded-proto": this.tls ? "https" : "http",
      "x-forwarded-port": String(this.order.port),
      "x-amzn-trace-id": headers["x-amzn-trace-id"] ?? newTrace(),
    };
  }
}

const statusOf = ({ statusCode }: NonNullable<Action["redirect"]>): number =>
  statusCode === "HTTP_301" ? 301 : 302;

function newTrace(): string {
  const seconds = Math.floor(Date.now() / 1_000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString("hex")}`;
}

const titles: Readonly<Record<number, string>> = {
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out",
};

/** As the balancer's own pages are. */
function refuse(outgoing: ServerResponse, status: number): void {
  const title = `${status} ${titles[status] ?? "Error"}`;
  outgoing.writeHead(status, { server: "awselb/2.0", "content-type": "text/html" });
  outgoing.end(
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  );
}
