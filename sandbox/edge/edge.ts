import http, { type Server as HttpServer, ServerResponse } from "node:http";
import https, { type Server as HttpsServer } from "node:https";
import { type AddressInfo, Socket } from "node:net";
import { EdgeCertificates, followTlsVersions, tlsVersions } from "./certificates";
import type { Upgrade } from "./handOver";
import { RequestHandler } from "./requestHandler";
import type { Edge, EdgeOptions } from "./types";

/** Cloudflare's limits of a visitor's connection. */
const connectionLimits = { maxHeaderSize: 32 * 1024, keepAliveTimeout: 400_000 };

/**
 * Starts the local stand-in for Cloudflare's proxy, on loopback, and for App Platform's public edge,
 * which is at Cloudflare too. It speaks HTTP/1.1 alone, to
 * visitors and to origins.
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const handler = new RequestHandler(options);
  const sockets = new Set<Socket>();
  const plain = serve(http.createServer(connectionLimits), handler, sockets, false);
  const secure = serve(secureServer(options), handler, sockets, true);
  const stop = async () => {
    const closed = [plain, secure].map((server) => new Promise((resolve) => server.close(resolve)));
    handler.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  };
  try {
    const ports = {
      http: await listen(plain, options.ports.http),
      https: await listen(secure, options.ports.https),
    };
    return { ports, stats: () => handler.stats(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function secureServer({ authority, zones, platformApp, log }: EdgeOptions): HttpsServer {
  const certificates = new EdgeCertificates(
    authority,
    zones,
    (host) => platformApp?.(host) !== undefined,
  );
  const server = https.createServer({
    ...connectionLimits,
    ...tlsVersions(zones()),
    ALPNProtocols: ["http/1.1"],
    // No certificate of its own: a visitor of nobody's name finds none, and the handshake fails.
    SNICallback: (name, answer) => {
      certificates.contextFor(name).then(
        (context) => {
          answer(null, context);
        },
        (error: unknown) => {
          log?.(`edge: no certificate could be issued for ${name}: ${String(error)}`);
          answer(error instanceof Error ? error : new Error(String(error)));
        },
      );
    },
  });
  followTlsVersions(server, zones);
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return server;
}

function serve<Server extends HttpServer | HttpsServer>(
  server: Server,
  handler: RequestHandler,
  sockets: Set<Socket>,
  secure: boolean,
): Server {
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("request", (incoming, outgoing) => {
    void handler.handle(incoming, outgoing, { secure });
  });
  // Node leaves such a connection to its listener, which speaks HTTP on it until it is joined.
  server.on("upgrade", (incoming, duplex, head) => {
    if (!(duplex instanceof Socket)) {
      duplex.destroy();
      return;
    }
    const socket = duplex;
    socket.on("error", () => socket.destroy());
    const outgoing = new ServerResponse(incoming);
    outgoing.shouldKeepAlive = false;
    outgoing.assignSocket(socket);
    outgoing.once("finish", () => {
      socket.destroySoon();
    });
    const upgrade: Upgrade = { socket, head };
    // Other upgrades, such as to HTTP/2, may be passed over (RFC 9110 §7.8).
    const isWebsocket = incoming.headers.upgrade?.toLowerCase() === "websocket";
    void handler.handle(incoming, outgoing, { secure, ...(isWebsocket && { upgrade }) });
  });
  return server;
}

async function listen(server: HttpServer | HttpsServer, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === "EADDRINUSE" ? "is in use" : `cannot be used (${error.message})`;
      const message = `the edge's port ${port} ${reason}: end what uses it, or choose another`;
      reject(new Error(message, { cause: error }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}
