import { Server } from "node:net";
import { AppCluster } from "./appCluster";
import { writeAppState, type AppProcess } from "./appState";
import type { HostPlace } from "./relocation";

/** What the process is started with, as JSON; nothing of it is secret. */
export interface AppArguments {
  readonly place: HostPlace;
  /** Where it says how the app is. */
  readonly stateFile: string;
  /** The cloud's process, without which there is no host. */
  readonly parent: number;
}

const PARENT_CHECK_MS = 500;

/**
 * The supervisor of one host's app, where a droplet has PM2: SIGHUP reloads, SIGTERM ends. It ends
 * with the cloud's process, however that ends.
 */
function main({ place, stateFile, parent }: AppArguments): void {
  // The next cloud may have begun with a supervisor of its own, whose state and port these are then.
  const isOrphan = (): boolean => process.ppid !== parent;
  if (isOrphan()) return;
  listenOnLoopback();
  let reloads = 0;
  let problem: string | undefined;
  let processes: readonly AppProcess[] = [];
  const tell = (): void => {
    if (isOrphan()) return;
    const state = { pid: process.pid, reloads, processes: [...processes] };
    writeAppState(stateFile, { ...state, ...(problem !== undefined && { problem }) });
  };
  const app = new AppCluster(
    place,
    (now) => {
      processes = now;
      tell();
    },
    log,
  );
  const end = (): void => {
    app.kill();
    process.exit(0);
  };
  setInterval(() => {
    if (isOrphan()) end();
  }, PARENT_CHECK_MS);
  process.on("SIGTERM", () => {
    void app.stop().then(end);
  });
  // One after the other.
  let working = Promise.resolve();
  process.on("SIGHUP", () => {
    working = working.then(async () => {
      try {
        await app.reload();
        problem = undefined;
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
        log(`not reloaded: ${problem}`);
      }
      reloads++;
      tell();
    });
  });
  app.start();
}

/**
 * A droplet's firewall keeps visitors away from the app's own port. Here that is an address: under
 * node:cluster this process listens for the app, which mostly names none and so would be reachable
 * from the network.
 */
function listenOnLoopback(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const listen = Server.prototype.listen as (this: Server, ...args: unknown[]) => Server;
  Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    const [first, ...rest] = args;
    const options = first as { readonly port?: number; readonly host?: string | null } | undefined;
    if (typeof options !== "object" || options.port === undefined) return listen.apply(this, args);
    return listen.call(this, { ...options, host: options.host ?? "127.0.0.1" }, ...rest);
  } as typeof Server.prototype.listen;
}

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

main(JSON.parse(process.argv[2] ?? "") as AppArguments);
