import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { runInNewContext } from "node:vm";
import { paths } from "../../host/paths";
import { relocatedEnvironment, type HostPlace } from "./relocation";

/** What PM2 would be told of the app, with every path and port as it is on this machine. */
export interface Ecosystem {
  readonly instances: number;
  /** Directory of the release in use, links followed: a switch must not move a running process. */
  readonly cwd: string;
  /** Absolute path of the program. */
  readonly script: string;
  /** Everything that a process finds in its environment, but for its own number. */
  readonly environment: Readonly<Record<string, string>>;
  /** A process that grows beyond is replaced. */
  readonly maxMemoryBytes: number;
  /** How long a new process gets to listen before the old one goes. */
  readonly listenTimeoutMs: number;
  /** How long a process gets to end by itself. */
  readonly killTimeoutMs: number;
  /** First pause before a process that ended is started again; grows from there. */
  readonly restartDelayMs: number;
  readonly outFile: string;
  readonly errorFile: string;
}

/** The keys that the bundle's file uses. */
interface PmApp {
  readonly cwd: string;
  readonly script: string;
  readonly instances: number;
  readonly env: Readonly<Record<string, string>>;
  readonly max_memory_restart: string;
  readonly listen_timeout: number;
  readonly kill_timeout: number;
  readonly exp_backoff_restart_delay: number;
  readonly out_file: string;
  readonly error_file: string;
}

/** Evaluates the bundle's ecosystem file, for which the root is the whole file system. */
export function readEcosystem(place: HostPlace): Ecosystem {
  const { root } = place;
  const module = { exports: {} as { readonly apps?: readonly PmApp[] } };
  const file = `${paths.etc}/ecosystem.config.js`;
  runInNewContext(
    readFileSync(root + file, "utf8"),
    { module, exports: module.exports, require: requireBelow(root), JSON },
    { filename: file },
  );
  const [app] = module.exports.apps ?? [];
  if (!app) throw new Error(`${file}: module.exports.apps has no app`);
  const cwd = realpathSync(root + app.cwd);
  return {
    instances: app.instances,
    cwd,
    script: join(cwd, app.script),
    environment: { ...systemEnvironment(root), ...relocatedEnvironment(app.env, place) },
    maxMemoryBytes: Number.parseInt(app.max_memory_restart, 10) * 1024 * 1024,
    listenTimeoutMs: app.listen_timeout,
    killTimeoutMs: app.kill_timeout,
    restartDelayMs: app.exp_backoff_restart_delay,
    outFile: root + app.out_file,
    errorFile: root + app.error_file,
  };
}

/** What the unit sets before the ecosystem file's own variables. */
export function systemEnvironment(root: string): Readonly<Record<string, string>> {
  return {
    // Node is wherever this one is.
    PATH: [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
    HOME: `${root}/var/lib/drops-app`,
  };
}

function requireBelow(root: string): (name: string) => unknown {
  return (name) => {
    if (name !== "node:fs" && name !== "fs") {
      throw new Error(`the ecosystem file may require node:fs alone, not ${name}`);
    }
    return {
      readFileSync: (path: string, encoding: BufferEncoding) => readFileSync(root + path, encoding),
    };
  };
}
