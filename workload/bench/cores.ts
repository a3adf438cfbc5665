import { execFileSync, spawnSync } from "node:child_process";

/** As `taskset` writes a list of cores: `0`, `1-3,6`. */
export interface Cores {
  /** The app's own. */
  readonly app: string;
  /** Everything else's: Postgres, Redis, the load. */
  readonly rest: string;
}

/**
 * Divides this process's cores, the first for the app. Undefined where `taskset` is missing or there is
 * only one core: then everything shares, and the figures are not those of one core.
 */
export function divideCores(): Cores | undefined {
  if (spawnSync("taskset", ["-V"]).status !== 0) return undefined;
  return divide(coresOf(process.pid));
}

export function coresOf(pid: number): string {
  const said = execFileSync("taskset", ["-c", "-p", String(pid)], { encoding: "utf8" });
  return said.slice(said.lastIndexOf(":") + 1).trim();
}

/** Of a list such as `0-3,6`. */
export function divide(list: string): Cores | undefined {
  const cores = list.split(",").flatMap((part) => {
    const [first = 0, last = first] = part.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  const [app, ...rest] = cores;
  if (app === undefined || rest.length === 0) return undefined;
  return { app: String(app), rest: rest.join(",") };
}

/** All threads of a process; what it starts from then on inherits it. */
export function pin(pid: number, cores: string): void {
  execFileSync("taskset", ["-a", "-c", "-p", cores, String(pid)], { stdio: "ignore" });
}
