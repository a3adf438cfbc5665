import { createReadStream, existsSync } from "node:fs";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Socket } from "node:net";
import { join, normalize } from "node:path";
import type { Duplex } from "node:stream";
import { paths } from "../../host/paths";
import type { ServiceStatus } from "../contracts";
import { assetOf, isReleased, readFrontRules, type FrontRules } from "./frontFiles";
import { hostOf, refuseUpgrade } from "../passing";
import { passOn, passUpgradeOn, type Onward } from "./frontProxy";
import type { HostPlace } from "./relocation";
import type { Web } from "./web";

const FOR_EVER = "public, max-age=31536000, immutable";

/**
 * Stands before the app where nginx is not installed: the bundle's names, certificate, headers and
 * page before the first release, built files from disk, everything else to the app. No more.
 */
export class Front implements Web {
  private servers: readonly Server[] = [];
  private readonly sockets = new Set<Socket>();
  private checked: FrontRules | undefined;
  private rules: FrontRules | undefined;

  constructor(private readonly place: HostPlace) {}

  get isActive(): boolean {
    return this.servers.length > 0;
  }

  check(): Promise<void> {
    this.checked = readFrontRules(this.place.root);
    return Promise.resolve();
  }

  async start(): Promise<void> {
    await this.stop();
    await this.reload();
    const secure = createSecureServer({
      // Other names, and clients that send none, are refused in the handshake.
      SNICallback: (name, done) => {
        const context = this.rules?.names.includes(name) ? this.rules.tls : undefined;
        if (context) done(null, context);
        else done(new Error("unrecognized name"));
      },
    });
    this.servers = [createServer(), secure];
    for (const server of this.servers) {
      server.on("connection", (socket: Socket) => {
        this.sockets.add(socket);
        socket.on("close", () => this.sockets.delete(socket));
      });
      server.on("request", (incoming, outgoing) => {
        this.answer(incoming, outgoing, server === secure);
      });
      server.on("upgrade", (incoming, socket, head) => {
        this.upgrade(incoming, socket, head, server === secure);
      });
    }
    const { http, https } = this.place.ports;
    try {
      await Promise.all([listen(this.servers[0], http), listen(secure, https)]);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  reload(): Promise<void> {
    this.rules = this.checked;
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    const closed = this.servers.map((server) => new Promise((done) => server.close(done)));
    for (const socket of this.sockets) socket.destroy();
    this.servers = [];
    await Promise.all(closed);
  }

  statuses(resource: string): readonly ServiceStatus[] {
    const { http, https } = this.place.ports;
    return [
      {
        resource,
        what: "web server in Node",
        state: this.isActive ? "running" : "stopped",
        ports: [http, https],
        detail: "stands in for nginx, which is not installed",
      },
    ];
  }

  private answer(incoming: IncomingMessage, outgoing: ServerResponse, secure: boolean): void {
    const { rules } = this;
    const url = incoming.url ?? "/";
    const path = url.split("?")[0] ?? "/";
    if (!rules || !this.isOurs(incoming, rules)) {
      incoming.socket.destroy();
    } else if (path.startsWith("/.well-known/acme-challenge/")) {
      this.challenge(path, outgoing);
    } else if (rules.site !== "address" && !secure) {
      const location = `https://${hostOf(incoming.headers)}${url}`;
      outgoing.writeHead(301, { Location: location }).end();
    } else if (path === "/monitoring/healthz") {
      // Prometheus, which would have to answer, does not run here.
      outgoing.writeHead(500).end();
    } else if (path.startsWith("/monitoring/")) {
      outgoing.writeHead(404).end();
    } else if (!isReleased(this.place.root)) {
      outgoing
        .writeHead(503, {
          ...rules.headers,
          "Content-Type": "text/html",
          "Retry-After": "30",
          "Cache-Control": "no-store",
        })
        .end(rules.unavailablePage);
    } else {
      this.serve(incoming, outgoing, { rules, path, secure });
    }
  }

  private serve(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    { rules, path, secure }: { rules: FrontRules; path: string; secure: boolean },
  ): void {
    const asset = assetOf(this.place.root, path);
    if (asset && (incoming.method === "GET" || incoming.method === "HEAD")) {
      const headers = { "Content-Type": asset.type, "Cache-Control": FOR_EVER };
      outgoing.writeHead(200, { ...rules.headers, ...headers });
      if (incoming.method === "HEAD") outgoing.end();
      else createReadStream(asset.file).pipe(outgoing);
      return;
    }
    passOn(incoming, outgoing, this.onward(incoming, rules, secure), (status, headers) => ({
      ...absent(rules.headers, headers),
      ...headers,
      ...(path.startsWith("/assets/") && { "cache-control": assetCache(status, headers) }),
    }));
  }

  private upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, secure: boolean): void {
    const { rules } = this;
    socket.on("error", () => socket.destroy());
    if (!rules || !this.isOurs(incoming, rules)) socket.destroy();
    else if (rules.site !== "address" && !secure) refuseUpgrade(socket, 301);
    else if (!isReleased(this.place.root)) refuseUpgrade(socket, 503);
    else passUpgradeOn(incoming, socket, head, this.onward(incoming, rules, secure));
  }

  private isOurs({ headers }: IncomingMessage, { site, names }: FrontRules): boolean {
    return site === "address" || names.includes(hostOf(headers));
  }

  private onward({ socket, headers }: IncomingMessage, rules: FrontRules, tls: boolean): Onward {
    const told = rules.site === "proxied" ? headers["cf-connecting-ip"] : undefined;
    return {
      port: this.place.ports.app,
      visitor: typeof told === "string" ? told : (socket.remoteAddress ?? "127.0.0.1"),
      scheme: tls ? "https" : "http",
    };
  }

  private challenge(path: string, outgoing: ServerResponse): void {
    const file = join(this.place.root, paths.acme, normalize(path));
    if (!existsSync(file)) outgoing.writeHead(404).end();
    else createReadStream(file).pipe(outgoing.writeHead(200, { "Content-Type": "text/plain" }));
  }
}

/** Those of the headers that the app did not set itself. */
function absent(
  ours: Readonly<Record<string, string>>,
  theirs: IncomingHttpHeaders,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(ours).filter(([name]) => theirs[name.toLowerCase()] === undefined),
  );
}

/** Assets that the app serves: a year, unless it answered with a page or an error. */
function assetCache(status: number, headers: IncomingHttpHeaders): string {
  const isPage = (headers["content-type"] ?? "").startsWith("text/html");
  return [200, 206, 304].includes(status) && !isPage ? FOR_EVER : "no-cache";
}

function listen(server: Server | undefined, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server?.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
}
