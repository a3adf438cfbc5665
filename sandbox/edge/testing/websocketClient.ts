import { createHash } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type Answer, type EdgeFixture, read } from "./edgeFixture";

export const upgradeHeaders = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-version": "13",
};

/** A websocket at the origin's side. */
export interface Upgraded {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
}

/** Makes a server agree to websockets: it says hello, and then what it hears. `/full` is refused. */
export function echoWebsockets(server: Pick<Server, "on">): Upgraded[] {
  const upgraded: Upgraded[] = [];
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => undefined);
    if (request.url === "/full") {
      socket.end("HTTP/1.1 503 Full\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nfull");
      return;
    }
    upgraded.push({ request, socket });
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"] ?? ""}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\nhello`,
    );
    socket.write(head);
    socket.pipe(socket);
  });
  return upgraded;
}

export interface Opened {
  readonly response: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

type Where = { readonly host?: string; readonly secure?: boolean; readonly headers?: object };

/** Opens a websocket through the edge. */
export const open = async (edge: EdgeFixture, path = "/ws", where: Where = {}): Promise<Opened> =>
  await new Promise((resolve, reject) => {
    const headers = { ...upgradeHeaders, ...where.headers };
    const request = edge.request(path, { ...where, headers });
    request.on("upgrade", (response, socket, head) => {
      resolve({ response, socket, head });
    });
    request.on("response", (response) => {
      reject(new Error(`answered ${response.statusCode ?? 0}`));
    });
    request.on("error", reject);
    request.end();
  });

/** Asks for a websocket and gets an ordinary answer. */
export const refused = async (edge: EdgeFixture, path: string, where: Where = {}) =>
  await new Promise<Answer>((resolve, reject) => {
    const headers = { ...upgradeHeaders, ...where.headers };
    const request = edge.request(path, { ...where, headers });
    request.on("response", (response) => {
      resolve(read(response));
    });
    request.on("upgrade", () => {
      reject(new Error("the upgrade went through"));
    });
    request.on("error", reject);
    request.end();
  });

/** What a socket says, up to a number of bytes. */
export const until = async (socket: Duplex, length: number, head: Buffer): Promise<Buffer> => {
  const chunks = [head];
  let size = head.length;
  while (size < length) {
    const chunk = socket.read() as Buffer | null;
    if (!chunk) {
      await new Promise((resolve) => socket.once("readable", resolve));
      continue;
    }
    chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks);
};
