import type { WebSocket } from "ws";

/**
 * Closes websockets evenly over the time, so that they do not all come back at once. Resolves when
 * all are gone; who does not answer the closing is cut off at the end.
 *
 * @param code 1001: this process ends; 1012: the visitors' place is elsewhere from now on.
 */
export async function sendAway(
  sockets: readonly WebSocket[],
  code: 1001 | 1012,
  reason: string,
  overMs: number,
): Promise<void> {
  const gone = sockets.map(
    (socket) =>
      new Promise<void>((resolve) => {
        socket.once("close", () => {
          resolve();
        });
      }),
  );
  sockets.forEach((socket, index) => {
    const delay = (overMs * index) / sockets.length;
    setTimeout(() => {
      socket.close(code, reason);
    }, delay);
  });
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.terminate();
  }, overMs + 1_000);
  await Promise.all(gone);
  clearTimeout(cut);
}
