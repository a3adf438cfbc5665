import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** Open websockets: two connections each, which end together. */
export class Websockets {
  private readonly sockets = new Set<Duplex>();

  get size(): number {
    return this.sockets.size;
  }

  /** Hands the origin's consent to the visitor, then everything both ways, as fast as either reads. */
  join(
    visitor: { readonly socket: Duplex; readonly head: Buffer },
    origin: { readonly socket: Duplex; readonly head: Buffer; readonly response: IncomingMessage },
    ray: string,
  ): void {
    this.sockets.add(visitor.socket);
    visitor.socket.write(consent(origin.response, ray), "latin1");
    if (origin.head.length > 0) visitor.socket.write(origin.head);
    if (visitor.head.length > 0) origin.socket.write(visitor.head);
    const end = () => {
      this.sockets.delete(visitor.socket);
      visitor.socket.destroy();
      origin.socket.destroy();
    };
    for (const [from, to] of [
      [visitor.socket, origin.socket],
      [origin.socket, visitor.socket],
    ] as const) {
      from.pipe(to);
      from.once("close", end);
      from.on("error", end);
      // One side has said its last, and the other has all of it.
      to.once("finish", end);
    }
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

/** The origin's 101 with its headers, hop by hop though they are. */
function consent({ rawHeaders }: IncomingMessage, ray: string): string {
  let lines = "HTTP/1.1 101 Switching Protocols\r\n";
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (name.toLowerCase() !== "server") lines += `${name}: ${rawHeaders[index + 1] ?? ""}\r\n`;
  }
  return `${lines}Server: cloudflare\r\nCF-RAY: ${ray}\r\n\r\n`;
}
