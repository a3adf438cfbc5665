import type { Server } from "node:http";
import type { Config } from "./config";
import type { Logger } from "./log";

export interface ShutdownSteps {
  /** Turns `/readyz` to 503 and asks clients to close their connections. */
  readonly announce: () => void;
  readonly server: Server;
  /** Sends the websockets away within the time, forwarded ones too: the server waits for all. */
  readonly drainWebsockets: (overMs: number) => Promise<void>;
  /** Ends pools and timers, after the last request. */
  readonly close: () => Promise<void>;
}

/** Share of the time for the end that websockets are spread over. */
const WEBSOCKET_SHARE = 0.4;

/**
 * On SIGTERM or SIGINT: not ready, a pause for the balancer to notice, no new connections, requests
 * end, websockets go one by one, pools close, exit 0. All of it within the limit.
 */
export function endGracefully(config: Config["shutdown"], log: Logger, steps: ShutdownSteps): void {
  endOnSignal(config.timeoutMs, log, () => shutDown(config, steps));
}

/** On SIGTERM or SIGINT: ends within the limit, exit 0. A second signal ends the process at once. */
export function endOnSignal(limitMs: number, log: Logger, end: () => Promise<void>): void {
  let begun = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (begun) {
      log.warn({ signal }, "second signal, ending at once");
      process.exit(1);
    }
    begun = true;
    log.info({ signal }, "ending");
    const limit = setTimeout(() => {
      log.warn({ limitMs }, "not everything ended in time");
      process.exit(1);
    }, limitMs);
    end().then(
      () => {
        clearTimeout(limit);
        log.info("ended");
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, "ending failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}

async function shutDown(config: Config["shutdown"], steps: ShutdownSteps): Promise<void> {
  const { server } = steps;
  steps.announce();
  await new Promise((resolve) => setTimeout(resolve, config.delayMs));
  const left = Math.max(0, config.timeoutMs - config.delayMs);
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  server.closeIdleConnections();
  // A connection between two requests when the first answer went out is idle only now.
  const sweeper = setInterval(() => {
    server.closeIdleConnections();
  }, 100);
  await Promise.all([closed, steps.drainWebsockets(left * WEBSOCKET_SHARE)]);
  clearInterval(sweeper);
  await steps.close();
}
