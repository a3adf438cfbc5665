import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

interface WebsocketOptions {
  /** Header lines that the edge adds to an origin's consent. @default Cloudflare's */
  readonly own?: (ray: string) => readonly string[];
  /** After so long without a byte in either direction it ends, milliseconds. @default never */
  readonly idleTimeout?: number;
}

const cloudflareOwn = (ray: string): readonly string[] => ["Server: cloudflare", `CF-RAY: ${ray}`];

/** Open websockets: two connections each, which end together. */
export class Websockets {
  private readonly sockets = new Set<Duplex>();

  constructor(private readonly options: WebsocketOptions = {}) {}

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
    const { own = cloudflareOwn, idleTimeout } = this.options;
    visitor.socket.write(consent(origin.response, own(ray)), "latin1");
    if (origin.head.length > 0) visitor.socket.write(origin.head);
    if (visitor.head.length > 0) origin.socket.write(visitor.head);
    const end = () => {
      this.sockets.delete(visitor.socket);
      visitor.socket.destroy();
      origin.socket.destroy();
      clearTimeout(idle);
    };
    const idle = idleTimeout === undefined ? undefined : setTimeout(end, idleTimeout);
    for (const [from, to] of [
      [visitor.socket, origin.socket],
      [origin.socket, visitor.socket],
    ] as const) {
      from.pipe(to);
      if (idle) from.on("data", () => idle.refresh());
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
function consent({ rawHeaders }: IncomingMessage, own: readonly string[]): string {
  const replaced = own.map((line) => line.split(":")[0]?.toLowerCase());
  let lines = "HTTP/1.1 101 Switching Protocols\r\n";
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (!replaced.includes(name.toLowerCase()))
      lines += `${name}: ${rawHeaders[index + 1] ?? ""}\r\n`;
  }
  return `${[lines.trimEnd(), ...own].join("\r\n")}\r\n\r\n`;
}
