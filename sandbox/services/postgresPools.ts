import { connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectSecurely, createSecureContext, TLSSocket } from "node:tls";
import type { KeyPair } from "../contracts";

/** What stands behind the pools of one server. */
interface Behind {
  /** Of the server, on 127.0.0.1. */
  readonly serverPort: number;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
  /** Database that a pool's name leads to. */
  readonly databaseOf: (pool: string) => string | undefined;
}

/** Requests that come before the first message of a connection (PostgreSQL 17, chapter 53.2). */
const codes = { version3: 196_608, cancel: 80_877_102, tls: 80_877_103, gss: 80_877_104 } as const;
/** Longest first message that the server itself would read. */
const MOST_BYTES = 10_000;

/**
 * The names of a server's connection pools, where a provider has PgBouncer: who asks for the pool as
 * a database gets a connection of his own to the database behind it. Nothing is pooled. It shows the
 * server's own certificate, so that clients which bind the password to it (SCRAM-PLUS) may.
 */
export class PostgresPools {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly behind: Behind) {}

  /** Does nothing where it listens. */
  async start(port: number, certificate: KeyPair): Promise<void> {
    if (this.server) return;
    const { key, certificate: cert } = certificate;
    const context = createSecureContext({ key, cert });
    const server = createServer((socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
      this.serve(socket, context).catch(() => socket.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
    this.server = server;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async serve(
    socket: Socket,
    secureContext: ReturnType<typeof createSecureContext>,
  ): Promise<void> {
    socket.on("error", () => socket.destroy());
    let request = await firstMessage(socket);
    if (request.code === codes.gss) {
      socket.write("N");
      request = await firstMessage(socket);
    }
    if (request.code === codes.cancel) {
      await this.cancel(request.bytes);
      socket.end();
      return;
    }
    if (request.code !== codes.tls) {
      socket.end(errorResponse("28000", "SSL required"));
      return;
    }
    socket.write("S");
    const client = new TLSSocket(socket, { isServer: true, secureContext });
    client.on("error", () => socket.destroy());
    const { code, bytes } = await firstMessage(client);
    if (code === codes.cancel) {
      await this.cancel(bytes);
      client.end();
      return;
    }
    const parameters = parametersOf(bytes);
    const pool = parameters.get("database") ?? parameters.get("user") ?? "";
    const database = this.behind.databaseOf(pool);
    if (code !== codes.version3 || database === undefined) {
      // PgBouncer's words.
      client.end(errorResponse("3D000", `no such database: ${pool}`));
      return;
    }
    const upstream = await this.dial();
    upstream.on("error", () => client.destroy()).on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
    upstream.write(startupMessage(new Map(parameters).set("database", database)));
    client.pipe(upstream).pipe(client);
  }

  /** Numbers of the session are in it; the server answers nothing. */
  private async cancel(request: Buffer): Promise<void> {
    const upstream = await this.dial();
    upstream.on("error", () => upstream.destroy());
    upstream.end(request);
  }

  /** A connection to the server itself, over TLS. */
  private async dial(): Promise<TLSSocket> {
    const { serverPort, ca } = this.behind;
    const socket = connect({ host: "127.0.0.1", port: serverPort });
    const asked = Buffer.alloc(8);
    asked.writeInt32BE(8, 0);
    asked.writeInt32BE(codes.tls, 4);
    socket.write(asked);
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.once("close", () => {
        reject(new Error("the server hung up"));
      });
      // One letter, and nothing after it before the handshake.
      socket.once("data", () => {
        socket.removeListener("error", reject);
        resolve();
      });
    });
    return await new Promise((resolve, reject) => {
      const secure = connectSecurely({ socket, ca, servername: "localhost" }, () => {
        secure.removeListener("error", reject);
        resolve(secure);
      });
      secure.once("error", reject);
    });
  }
}

/** A message of the kind that begins with its length and a code. */
async function firstMessage(
  socket: Socket,
): Promise<{ readonly code: number; readonly bytes: Buffer }> {
  return await new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const end = (): void => {
      socket.off("data", take).off("close", close).off("error", close);
      socket.pause();
    };
    const close = (): void => {
      end();
      reject(new Error("the client hung up"));
    };
    const take = (data: Buffer): void => {
      bytes = Buffer.concat([bytes, data]);
      if (bytes.length < 8) return;
      const length = bytes.readInt32BE(0);
      if (length < 8 || length > MOST_BYTES) {
        close();
      } else if (bytes.length >= length) {
        end();
        // The client waits for an answer, so that hardly anything follows; if it does, it is kept.
        if (bytes.length > length) socket.unshift(bytes.subarray(length));
        resolve({ code: bytes.readInt32BE(4), bytes: bytes.subarray(0, length) });
      }
    };
    socket.on("data", take).once("close", close).once("error", close);
    socket.resume();
  });
}

/** Names and values of a startup message. */
function parametersOf(bytes: Buffer): ReadonlyMap<string, string> {
  const texts = bytes.subarray(8).toString("utf8").split("\0");
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < texts.length && texts[at] !== ""; at += 2) {
    parameters.set(texts[at] ?? "", texts[at + 1] ?? "");
  }
  return parameters;
}

function startupMessage(parameters: ReadonlyMap<string, string>): Buffer {
  const pairs = [...parameters].map(([name, value]) => `${name}\0${value}\0`);
  const body = Buffer.from(`${pairs.join("")}\0`, "utf8");
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + body.length, 0);
  head.writeInt32BE(codes.version3, 4);
  return Buffer.concat([head, body]);
}

function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`, "utf8");
  const head = Buffer.alloc(5);
  head.write("E", 0, "latin1");
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}
