import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { paths } from "../../host/paths";
import type { ServiceStatus } from "../contracts";
import { superviseProcess, type SupervisedProcess } from "../services/process";
import { memoryOf } from "../services/processTable";
import type { AppArguments } from "./appMain";
import { readAppState, type AppState } from "./appState";
import type { HostPlace } from "./relocation";
import { removeFile } from "./fileSystem";

/** A reload takes the listen timeout and the kill timeout for each process; 64 at most. */
const RELOAD_SECONDS = 64 * 60;

/** The app of one host, as systemd's unit `drops-app` is on a droplet. */
export class App {
  private readonly supervisor: SupervisedProcess;
  private readonly stateFile: string;

  constructor(
    private readonly place: HostPlace,
    /** Directory for the record of the process. */
    directory: string,
    name: string,
    log: (line: string) => void,
  ) {
    const { root } = place;
    this.stateFile = join(root, "run/drops-app.json");
    const args: AppArguments = { place, stateFile: this.stateFile, parent: process.pid };
    this.supervisor = superviseProcess({
      name: `app of ${name}`,
      command: process.execPath,
      args: [
        ...["--require", require.resolve("tsx/cjs")],
        ...[join(__dirname, "appMain.ts"), JSON.stringify(args)],
      ],
      // The app's processes inherit it, and must find nothing but what the bundle gives them.
      env: {},
      cwd: join(root, "var/lib/drops-app"),
      logFile: join(root, paths.appLogs, "pm2.log"),
      record: join(directory, "app.process.json"),
      ready: () => Promise.resolve(this.state() !== undefined),
      signals: ["SIGTERM"],
      restart: { minMs: 500, maxMs: 15_000 },
      log,
    });
  }

  /** Whether there is anything to start: on a droplet the unit's own condition. */
  get isReleased(): boolean {
    return existsSync(join(this.place.root, paths.current, "dist/index.js"));
  }

  get isActive(): boolean {
    return this.supervisor.status().state === "running";
  }

  /** Resolves when its processes are started, as `pm2 start` does; they may not listen yet. */
  async start(): Promise<void> {
    removeFile(this.stateFile);
    await this.supervisor.start();
  }

  async restart(): Promise<void> {
    await this.supervisor.stop();
    await this.start();
  }

  /** Resolves when every process was replaced. */
  async reload(): Promise<void> {
    const { pid } = this.supervisor.status();
    const before = this.state();
    if (pid === undefined || !before)
      throw new Error("the app is not running, so it has no reload");
    process.kill(pid, "SIGHUP");
    for (const deadline = Date.now() + RELOAD_SECONDS * 1_000; Date.now() < deadline;) {
      await sleep(50);
      const now = this.state();
      if (now === undefined) throw new Error("the app's supervisor ended during the reload");
      if (now.reloads === before.reloads) continue;
      if (now.problem !== undefined) throw new Error(now.problem);
      return;
    }
    throw new Error(`the app's reload did not end within ${RELOAD_SECONDS} s`);
  }

  async stop(): Promise<void> {
    await this.supervisor.stop();
    removeFile(this.stateFile);
  }

  statuses(resource: string): readonly ServiceStatus[] {
    const ports = [this.place.ports.app];
    const { state, pid, detail } = this.supervisor.status();
    const processes = this.state()?.processes ?? [];
    if (processes.length === 0) {
      const why = detail ?? (this.isReleased ? undefined : "no release yet");
      return [{ resource, what: "app", state, ...(why !== undefined && { detail: why }) }];
    }
    return [
      { resource, what: "app supervisor (PM2)", state, ...(pid !== undefined && { pid }) },
      ...processes.map(
        (each) =>
          ({
            resource,
            what: `app process ${each.instance}`,
            // One that ended waits for its next try.
            state: each.pid === undefined ? "failing" : each.listening ? "running" : "starting",
            ports,
            ...measured(each.pid),
            ...(each.restarts > 0 && { detail: `ended by itself ${each.restarts} times` }),
          }) satisfies ServiceStatus,
      ),
    ];
  }

  /** What the supervisor that runs now says; undefined while none does or it has not begun. */
  private state(): AppState | undefined {
    const { pid } = this.supervisor.status();
    const state = readAppState(this.stateFile);
    return state && state.pid === pid ? state : undefined;
  }
}

function measured(pid: number | undefined): Pick<ServiceStatus, "pid" | "memoryBytes"> {
  if (pid === undefined) return {};
  const memoryBytes = memoryOf(pid);
  return { pid, ...(memoryBytes !== undefined && { memoryBytes }) };
}
