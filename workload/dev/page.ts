import { createServer as createHttpServer, type Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { createServer, type ProxyOptions, type ViteDevServer } from "vite";
import { workload } from "./places";

export interface Page {
  readonly http: Server;
  readonly vite: ViteDevServer;
  close(): Promise<void>;
}

/** Vite's dev server, which hands what is not the page on to the app's server. */
export async function createPage(serverPort: number): Promise<Page> {
  const target = `http://127.0.0.1:${serverPort}`;
  const http = createHttpServer((request, response) => {
    vite.middlewares(request, response);
  });
  const sockets = new Set<Socket>();
  http.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const vite = await createServer({
    configFile: join(workload, "web/vite.config.mts"),
    server: {
      // On its own, Vite would end this process at a signal, before the other parts are gone.
      middlewareMode: { server: http },
      hmr: { server: http },
      proxy: {
        "/api": handedOn(target),
        "/healthz": handedOn(target),
        "/readyz": handedOn(target),
        "/ws": { ...handedOn(target), ws: true },
      },
    },
  });
  const close = async () => {
    const closed = new Promise((resolve) => http.close(resolve));
    // Those that became websockets are no longer the server's to close.
    for (const socket of sockets) socket.destroy();
    await Promise.all([vite.close(), closed]);
  };
  return { http, vite, close };
}

/** While the server starts again there is nobody to ask; the page knows what to do with a 503. */
function handedOn(target: string): ProxyOptions {
  return {
    target,
    configure: (proxy) => {
      proxy.removeAllListeners("error");
      proxy.on("error", (_error, _request, response) => {
        if (!(response instanceof ServerResponse) || response.headersSent) {
          response.destroy();
          return;
        }
        response.writeHead(503, { "Content-Type": "text/plain", "Retry-After": "1" });
        response.end("The server is starting.\n");
      });
    },
  };
}
