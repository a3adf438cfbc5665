import cluster, { type Worker } from "node:cluster";
import { memoryOf } from "../services/processTable";
import { AppLog } from "./appLog";
import type { AppProcess } from "./appState";
import { readEcosystem, type Ecosystem } from "./ecosystem";
import type { HostPlace } from "./relocation";

/** PM2's numbers: the pause grows by half up to this, and begins anew after a quiet while. */
const MAX_RESTART_DELAY_MS = 15_000;
const QUIET_MS = 30_000;
const MEMORY_CHECK_MS = 30_000;

interface Slot {
  readonly instance: number;
  worker?: Worker;
  startedAt: number;
  listening: boolean;
  restarts: number;
  delayMs: number;
  timer?: NodeJS.Timeout;
  /** Told when its process listens. */
  onListening?: () => void;
}

/**
 * The app's processes under node:cluster, which is PM2's cluster mode too: they share one port, a
 * dead one is started again, and a reload replaces them one by one. Runs in a process of its own.
 */
export class AppCluster {
  private slots: Slot[] = [];
  private ecosystem: Ecosystem;
  private readonly logs: { readonly out: AppLog; readonly error: AppLog };
  private stopping = false;

  constructor(
    private readonly place: HostPlace,
    private readonly onChange: (processes: readonly AppProcess[]) => void,
    private readonly log: (line: string) => void,
  ) {
    this.ecosystem = readEcosystem(place);
    this.logs = {
      out: new AppLog(this.ecosystem.outFile),
      error: new AppLog(this.ecosystem.errorFile),
    };
    setInterval(() => {
      this.checkMemory();
    }, MEMORY_CHECK_MS).unref();
  }

  start(): void {
    for (let instance = 0; instance < this.ecosystem.instances; instance++) this.add(instance);
  }

  /** Old processes serve until new ones listen; the release and the environment are read anew. */
  async reload(): Promise<void> {
    this.ecosystem = readEcosystem(this.place);
    const { instances } = this.ecosystem;
    const surplus = this.slots.slice(instances);
    this.slots = this.slots.slice(0, instances);
    for (const slot of this.slots) await this.replace(slot);
    while (this.slots.length < instances) this.add(this.slots.length);
    await Promise.all(surplus.map((slot) => this.end(slot)));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.slots.map((slot) => this.end(slot)));
  }

  /** Ends all at once, without a farewell. */
  kill(): void {
    this.stopping = true;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGKILL");
  }

  private add(instance: number): void {
    const slot: Slot = { instance, startedAt: 0, listening: false, restarts: 0, delayMs: 0 };
    this.slots.push(slot);
    this.fork(slot);
  }

  private fork(slot: Slot): void {
    const { cwd, script, environment } = this.ecosystem;
    // Nothing of this process's own arguments, which make it understand TypeScript.
    const settings = { exec: script, cwd, args: [], execArgv: [], silent: true };
    cluster.setupPrimary(settings);
    const worker = cluster.fork({ ...environment, NODE_APP_INSTANCE: String(slot.instance) });
    Object.assign(slot, { worker, startedAt: Date.now(), listening: false });
    this.logs.out.take(worker.process.stdout);
    this.logs.error.take(worker.process.stderr);
    worker.on("error", (error) => {
      this.log(`process ${slot.instance}: ${error.message}`);
    });
    worker.once("listening", () => {
      if (slot.worker !== worker) return;
      slot.listening = true;
      slot.onListening?.();
      this.tell();
    });
    worker.once("exit", (code, signal: string | null) => {
      this.log(
        `process ${slot.instance} (pid ${worker.process.pid ?? "?"}) ended: ${signal ?? code}`,
      );
      if (slot.worker === worker) this.restart(slot);
    });
    this.tell();
  }

  /** After the pause that PM2 would make. */
  private restart(slot: Slot): void {
    delete slot.worker;
    slot.listening = false;
    if (!this.stopping && this.slots.includes(slot)) {
      if (Date.now() - slot.startedAt > QUIET_MS) slot.delayMs = 0;
      slot.delayMs =
        slot.delayMs === 0
          ? this.ecosystem.restartDelayMs
          : Math.min(MAX_RESTART_DELAY_MS, Math.floor(slot.delayMs * 1.5));
      slot.restarts++;
      slot.timer = setTimeout(() => {
        this.fork(slot);
      }, slot.delayMs);
    }
    this.tell();
  }

  /** A new process beside the old one, which goes when the new one listens or took too long. */
  private async replace(slot: Slot): Promise<void> {
    clearTimeout(slot.timer);
    slot.delayMs = 0;
    const old = slot.worker;
    let timeout: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      slot.onListening = resolve;
      timeout = setTimeout(resolve, this.ecosystem.listenTimeoutMs);
      this.fork(slot);
    });
    clearTimeout(timeout);
    delete slot.onListening;
    if (old) await this.endWorker(old);
  }

  private async end(slot: Slot): Promise<void> {
    clearTimeout(slot.timer);
    if (slot.worker) await this.endWorker(slot.worker);
  }

  private async endWorker(worker: Worker): Promise<void> {
    if (worker.isDead()) return;
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    const timer = setTimeout(() => {
      this.log(`pid ${worker.process.pid ?? "?"} does not end by itself, killed`);
      worker.process.kill("SIGKILL");
    }, this.ecosystem.killTimeoutMs);
    worker.process.kill("SIGINT");
    await ended;
    clearTimeout(timer);
  }

  private checkMemory(): void {
    for (const slot of this.slots) {
      const pid = slot.worker?.process.pid;
      if (pid === undefined || !slot.listening || slot.onListening) continue;
      if ((memoryOf(pid) ?? 0) <= this.ecosystem.maxMemoryBytes) continue;
      this.log(`process ${slot.instance} has grown beyond its limit, replaced`);
      slot.restarts++;
      void this.replace(slot);
    }
  }

  private tell(): void {
    this.onChange(
      this.slots.map(({ instance, worker, listening, restarts }) => ({
        ...{ instance, listening, restarts },
        ...(worker?.process.pid !== undefined && { pid: worker.process.pid }),
      })),
    );
  }
}
