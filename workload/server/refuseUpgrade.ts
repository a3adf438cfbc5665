import type { Duplex } from "node:stream";
import type { HttpError } from "./errors";

/** Answers a refused upgrade in plain HTTP and ends the connection; only the first answer counts. */
export function refuseUpgrade(socket: Duplex, error: HttpError): void {
  if (socket.destroyed || socket.writableEnded) return;
  const body = JSON.stringify({ error: { code: error.code, message: error.message } });
  const retry = error.options.retryAfterSeconds;
  // Nobody else would close it if the client does not.
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${error.status} ${error.code}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      (retry === undefined ? "" : `Retry-After: ${retry}\r\n`) +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
