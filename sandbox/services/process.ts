import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceStatus } from "../contracts";
import { reapOrphan, removeRecord } from "./processRecord";
import { launch, type Program, type Run } from "./processRun";
import { endProcess, memoryOf, type ProcessIdentity } from "./processTable";

export { reapOrphans } from "./processRecord";

export interface ProcessSpec extends Program {
  /** Whether it does its work by now; asked ten times a second while it starts. */
  readonly ready: () => Promise<boolean>;
  /** Milliseconds until it has to be ready. @default 60,000 */
  readonly readyMs?: number;
  /**
   * How often a start is tried before it has failed; Infinity: until it succeeds or is not wanted any
   * more. @default 3
   */
  readonly attempts?: number;
  /**
   * Pause before it is started again after it died by itself, milliseconds: doubled each time, back
   * at `minMs` once it stayed up for `maxMs`.
   */
  readonly restart: { readonly minMs: number; readonly maxMs: number };
  readonly log: (line: string) => void;
}

export interface SupervisedProcess {
  /**
   * Resolves when it is ready, also where it is being started again at the moment. What another
   * supervisor left of it is ended first.
   *
   * @throws Error with the end of its log where it does not start.
   */
  start(): Promise<void>;
  stop(): Promise<void>;
  status(): Pick<ServiceStatus, "state" | "pid" | "memoryBytes" | "detail">;
  /** As `status` has it, without a look at the process. */
  readonly state: ServiceStatus["state"];
  readonly pid: number | undefined;
  /** How often it was started again after it had died by itself. */
  readonly restarts: number;
}

/**
 * A killed predecessor leaves its port or its memory for a moment, so that a first attempt can fail
 * for nothing.
 */
const FIRST_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;
const READY_MS = 60_000;

/** Keeps a program running until it is told to stop. It survives its supervisor and the terminal. */
export function superviseProcess(spec: ProcessSpec): SupervisedProcess {
  return new Supervised(spec);
}

class Supervised implements SupervisedProcess {
  /** Aborted: it is not wanted, or not any more. Each start has one of its own. */
  private end = AbortSignal.abort();
  private abort = (): void => undefined;
  private loop: Promise<void> = Promise.resolve();
  private run: Run | undefined;
  state: "stopped" | "starting" | "running" | "failing" = "stopped";
  private detail: string | undefined;
  private restartCount = 0;
  private waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(private readonly spec: ProcessSpec) {}

  async start(): Promise<void> {
    if (this.end.aborted) {
      const controller = new AbortController();
      this.end = controller.signal;
      this.abort = () => {
        controller.abort();
      };
      this.loop = this.loop.then(() => this.keep(controller));
    } else if (this.state === "running") {
      return;
    }
    await new Promise<void>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
    });
  }

  async stop(): Promise<void> {
    this.abort();
    this.settle(new Error(`${this.spec.name} was stopped`));
    if (this.run?.record) await this.endRun(this.run.record);
    await this.loop;
    if (this.end.aborted) this.become("stopped");
  }

  get pid(): number | undefined {
    return this.run?.hasEnded() === false ? this.run.record?.pid : undefined;
  }

  get restarts(): number {
    return this.restartCount;
  }

  status(): Pick<ServiceStatus, "state" | "pid" | "memoryBytes" | "detail"> {
    const { pid } = this;
    const memoryBytes = pid === undefined ? undefined : memoryOf(pid);
    return {
      state: this.state,
      ...(pid !== undefined && { pid }),
      ...(memoryBytes !== undefined && { memoryBytes }),
      ...(this.detail !== undefined && { detail: this.detail }),
    };
  }

  /** Has it run until it is not wanted any more, or never came up at all. */
  private async keep(controller: AbortController): Promise<void> {
    const { name, restart, log, record } = this.spec;
    const { signal } = controller;
    try {
      this.become("starting");
      if (await reapOrphan(record)) log(`${name}: ended what an earlier supervisor had left`);
      await this.begin(signal);
      let pauseMs = restart.minMs;
      while (!signal.aborted) {
        const since = Date.now();
        this.become("failing", await this.run?.ended);
        if (Date.now() - since > restart.maxMs) pauseMs = restart.minMs;
        let up = false;
        while (!up && (await this.pause(pauseMs, signal))) {
          pauseMs = Math.min(2 * pauseMs, restart.maxMs);
          this.restartCount += 1;
          up = await this.attempt("failing");
        }
      }
    } catch (error) {
      controller.abort();
      this.become("failing", this.detail);
      this.settle(error instanceof Error ? error : new Error(String(error)));
    }
    removeRecord(record);
  }

  private async begin(signal: AbortSignal): Promise<void> {
    const { attempts = FIRST_ATTEMPTS, restart } = this.spec;
    let pauseMs = FIRST_PAUSE_MS;
    for (let count = 1; !signal.aborted && !(await this.attempt("starting")); count++) {
      if (count >= attempts) throw this.notUp();
      await this.pause(pauseMs, signal);
      if (count >= FIRST_ATTEMPTS) pauseMs = Math.min(2 * pauseMs, restart.maxMs);
    }
  }

  /** @returns whether it came up; where it did not, nothing of it is left. */
  private async attempt(meanwhile: "starting" | "failing"): Promise<boolean> {
    const run = (this.run = launch(this.spec));
    const problem = await this.comesUp(run);
    this.become(problem === undefined ? "running" : meanwhile, problem);
    if (problem === undefined) this.settle();
    else if (meanwhile === "failing") this.settle(this.notUp());
    return problem === undefined;
  }

  /** @returns whether it is still wanted after it. */
  private async pause(ms: number, signal: AbortSignal): Promise<boolean> {
    if (!signal.aborted) {
      const { name, log } = this.spec;
      log(`${name} ${this.detail ?? ""}; starting it again in ${ms / 1000} s`);
      await sleep(ms, undefined, { signal }).catch(() => undefined);
    }
    return !signal.aborted;
  }

  /** Undefined once it is ready; otherwise why it is not, and it does not run any more. */
  private async comesUp(run: Run): Promise<string | undefined> {
    const patience = this.spec.readyMs ?? READY_MS;
    const deadline = Date.now() + patience;
    while (!run.hasEnded()) {
      if (await this.spec.ready().catch(() => false)) return undefined;
      if (Date.now() > deadline) {
        if (run.record) await this.endRun(run.record);
        await run.ended;
        return `was not ready after ${patience / 1000} s`;
      }
      await Promise.race([sleep(100), run.ended]);
    }
    return await run.ended;
  }

  private async endRun(record: ProcessIdentity): Promise<void> {
    const { signals, obeyMs } = this.spec;
    await endProcess(record, signals, obeyMs);
  }

  private notUp(): Error {
    const said = this.run?.said() ?? "";
    const { name, logFile } = this.spec;
    return new Error(
      `${name} ${this.detail ?? "did not start"}${said && `:\n${said}`}\nIts log: ${logFile}`,
    );
  }

  private become(state: typeof this.state, detail?: string): void {
    this.state = state;
    this.detail = detail;
  }

  private settle(error?: Error): void {
    for (const { resolve, reject } of this.waiting.splice(0)) {
      if (error) reject(error);
      else resolve();
    }
  }
}
