import http, { type Server as HttpServer, ServerResponse } from "node:http";
import https, { type Server as HttpsServer } from "node:https";
import { type AddressInfo, Socket } from "node:net";
import { EdgeCertificates, followTlsVersions, tlsVersions } from "./certificates";
import { CloudfrontEdge } from "./cloudfront/cloudfrontEdge";
import { cdnCertificateNames, leadsToCloudfront } from "./cloudfront/distributions";
import { cloudflareEdgeAddress } from "./cloudfront/fromCloudflare";
import type { Upgrade } from "./handOver";
import { RequestHandler } from "./requestHandler";
import type { Edge, EdgeOptions } from "./types";

/** Cloudflare's limits of a visitor's connection. */
const connectionLimits = { maxHeaderSize: 32 * 1024, keepAliveTimeout: 400_000 };

/**
 * Starts the local stand-in for Cloudflare's proxy, on loopback, for App Platform's public edge,
 * which is at Cloudflare too, and for CloudFront's. It speaks HTTP/1.1 alone, to visitors and to
 * origins.
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const sockets = new Set<Socket>();
  const cloudfront = new CloudfrontEdge(options);
  // Where Cloudflare's proxy comes to CloudFront; visitors come to the edge's own ports.
  const inner = innerServers(options, cloudfront, sockets);
  const servers: (HttpServer | HttpsServer)[] = [inner.plain, inner.secure];
  let handler: RequestHandler | undefined;
  const stop = async () => {
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    handler?.close();
    cloudfront.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  };
  try {
    const cloudfrontPorts = {
      http: await listen(inner.plain, 0),
      https: await listen(inner.secure, 0),
    };
    const made = new RequestHandler(options, { edge: cloudfront, ports: cloudfrontPorts });
    handler = made;
    const plain = serve(http.createServer(connectionLimits), made, sockets, false);
    const secure = serve(secureServer(options), made, sockets, true);
    servers.push(plain, secure);
    const ports = {
      http: await listen(plain, options.ports.http),
      https: await listen(secure, options.ports.https),
    };
    return { ports, stats: () => made.stats(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function innerServers(options: EdgeOptions, cloudfront: CloudfrontEdge, sockets: Set<Socket>) {
  const { authority, distributions = () => [] } = options;
  const handler: Handler = {
    handle: (incoming, outgoing, arrival) =>
      cloudfront.handle(incoming, outgoing, { ...arrival, address: cloudflareEdgeAddress }),
  };
  // CloudFront shows its own certificate to whoever asks for a name that it does not know.
  const certificates = new EdgeCertificates(authority, () => [], {
    isApp: () => false,
    cloudfront: (host) => cdnCertificateNames(distributions(), host),
  });
  return {
    plain: serve(http.createServer(connectionLimits), handler, sockets, false),
    secure: serve(withCertificates(certificates, options), handler, sockets, true),
  };
}

function secureServer(options: EdgeOptions): HttpsServer {
  const { authority, zones, platformApp, distributions = () => [] } = options;
  const certificates = new EdgeCertificates(authority, zones, {
    isApp: (host) => platformApp?.(host) !== undefined,
    cloudfront: (host) =>
      leadsToCloudfront(zones(), distributions(), host)
        ? cdnCertificateNames(distributions(), host)
        : undefined,
  });
  const server = withCertificates(certificates, options, tlsVersions(zones()));
  followTlsVersions(server, zones);
  return server;
}

function withCertificates(
  certificates: EdgeCertificates,
  { log }: EdgeOptions,
  versions: Partial<ReturnType<typeof tlsVersions>> = {},
): HttpsServer {
  const server = https.createServer({
    ...{ ...connectionLimits, ...versions },
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
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return server;
}

type Handler = Pick<RequestHandler, "handle">;

function serve<Server extends HttpServer | HttpsServer>(
  server: Server,
  handler: Handler,
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
