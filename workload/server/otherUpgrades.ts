import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/**
 * Requests that offer a protocol which this server does not have, such as `Upgrade: h2c`. An offer
 * may be passed over (RFC 9110 §7.8), but Node lets go of a connection with an offer as soon
 * as there is a listener for websockets. Here the server gets it back as if it were a new one,
 * with the request in front of what was not read yet: body, keep-alive and limits are as always.
 */
export class OtherUpgrades {
  private readonly latest = new WeakMap<Duplex, ServerResponse>();

  constructor(private readonly server: Server) {
    server.on("request", (request, response) => {
      this.latest.set(request.socket, response);
    });
  }

  answer(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Node has let go of the connection: unheard, one that breaks now would end the process.
    const letGo = () => socket.destroy();
    socket.on("error", letGo);
    const handBack = () => {
      if (socket.destroyed) return;
      // The server listens by itself again; one more listener for each offer would add up.
      socket.off("error", letGo);
      socket.unshift(Buffer.concat([withoutOffer(request), head]));
      this.server.emit("connection", socket);
    };
    const before = this.latest.get(socket);
    // A client that does not wait for answers still gets them in the order of its requests.
    if (before && !before.closed) before.once("close", handBack);
    else handBack();
  }
}

/** The request's head as it came, in Node's own encoding of headers. */
function withoutOffer({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method ?? "GET"} ${url ?? "/"} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2);
    if (name.toLowerCase() !== "upgrade") lines.push(`${name}: ${value}`);
  }
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}
