import { join } from "node:path";
import type { ServiceStatus } from "../contracts";
import { freePort, releasePort } from "../services/ports";
import { superviseProcess, type SupervisedProcess } from "../services/process";
import { recordSuffix } from "../services/processRecord";
import { cpuSecondsOf, endProcess, startOf } from "../services/processTable";
import { programOf, type ContainerArgs, type ContainerPort } from "./container";
import { passes, patienceOf, probeOf, Watch, type Probe } from "./healthCheck";
import { defaultHttpPort, type AppComponent, type AppService } from "./spec";
import type { Timing } from "./timing";

export interface InstanceArgs {
  readonly kind: "service" | "worker";
  readonly spec: AppService;
  /** Counted from 1 in its component. */
  readonly number: number;
  readonly container: ContainerArgs;
  /** For records and logs, of one deployment. */
  readonly directory: string;
  readonly timing: Timing;
  /** How often a start is tried: once in a deployment, for ever where it ran before. */
  readonly attempts: number;
  readonly log: (line: string) => void;
}

/** One running container of a service or a worker, here a process. */
export class Instance {
  private readonly process: SupervisedProcess;
  private readonly watches: readonly Watch[];
  private readonly translated: readonly string[];
  private healthy = false;
  private leaving = false;
  private recycling = false;

  private constructor(
    private readonly args: InstanceArgs,
    private readonly ports: ContainerPort | undefined,
  ) {
    const { kind, spec, number, container, directory, timing, log, attempts } = args;
    const { program, translated } = programOf(container, ports);
    this.translated = translated;
    const where = ports ?? { container: 0, local: 0 };
    const readiness =
      kind === "service" ? probeOf("readiness", spec.healthCheck, where) : undefined;
    const liveness =
      spec.livenessHealthCheck && probeOf("liveness", spec.livenessHealthCheck, where);
    const patienceMs = readiness ? patienceOf(readiness) : Infinity;
    this.process = superviseProcess({
      ...program,
      name: `${spec.name} instance ${number}`,
      logFile: join(directory, `${spec.name}-${number}.log`),
      record: join(directory, `${spec.name}-${number}${recordSuffix}`),
      ...{ signals: ["SIGTERM"], obeyMs: graceMs(spec, timing) },
      ...{ attempts, restart: timing.restart, log },
      ready: readiness ? () => isReady(readiness) : lives(() => this.pid, timing.settleMs),
      readyMs: Math.min(patienceMs, timing.healthyMs),
    });
    const pid = (): number | undefined => (this.isUp ? this.pid : undefined);
    this.watches = [
      ...(readiness ? [this.readinessWatch(readiness, pid)] : []),
      ...(liveness ? [this.livenessWatch(liveness, pid)] : []),
    ];
  }

  static async of(args: InstanceArgs): Promise<Instance> {
    const container = containerPort(args);
    if (container === undefined) return new Instance(args, undefined);
    return new Instance(args, { container, local: await freePort() });
  }

  get number(): number {
    return this.args.number;
  }

  /** On this machine; undefined: it listens on none. */
  get port(): number | undefined {
    return this.ports?.local;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Whether it gets requests. */
  get isServing(): boolean {
    return this.healthy && !this.leaving && this.isUp;
  }

  /** Processor time that its process has used since it began, seconds. */
  get cpuSeconds(): number | undefined {
    const { pid } = this;
    return pid === undefined ? undefined : cpuSecondsOf(pid);
  }

  /**
   * Resolves when it is healthy.
   *
   * @throws Error with the end of its log where it is not in time.
   */
  async start(): Promise<void> {
    await this.process.start();
    this.healthy = true;
    for (const watch of this.watches) watch.start();
  }

  /** From now on it gets no new requests; those that it has are answered. */
  leave(): void {
    this.leaving = true;
    for (const watch of this.watches) watch.stop();
  }

  /** SIGTERM, and SIGKILL where it does not end in its time of grace. */
  async stop(): Promise<void> {
    this.leave();
    await this.process.stop();
    if (this.ports) releasePort(this.ports.local);
  }

  status(resource: string, deployment: string): ServiceStatus {
    const { spec, number } = this.args;
    const { state, pid, memoryBytes, detail } = this.process.status();
    const { restarts } = this.process;
    const isSick = state === "running" && !this.healthy;
    const notes = [
      `deployment ${deployment.slice(0, 8)}`,
      ...(detail === undefined ? [] : [detail]),
      ...(restarts > 0 ? [`restarted ${restarts} times`] : []),
      ...(isSick ? ["does not pass its health check"] : []),
      ...(this.leaving ? ["draining"] : []),
      ...this.translated,
    ];
    return {
      ...{ resource, what: `${spec.name} instance ${number}`, state: isSick ? "failing" : state },
      ...(pid !== undefined && { pid }),
      ...(this.ports && { ports: [this.ports.local] }),
      ...(memoryBytes !== undefined && { memoryBytes }),
      detail: notes.join("; "),
    };
  }

  private get isUp(): boolean {
    return this.process.state === "running";
  }

  private readinessWatch(probe: Probe, pid: () => number | undefined): Watch {
    const onVerdict = (verdict: string): void => {
      this.healthy = verdict === "healthy";
    };
    return new Watch(probe, { pauseMs: this.args.timing.checkPauseMs, pid, onVerdict });
  }

  private livenessWatch(probe: Probe, pid: () => number | undefined): Watch {
    const onVerdict = (verdict: string): void => {
      if (verdict === "unhealthy" && !this.recycling) void this.recycle();
    };
    return new Watch(probe, { pauseMs: this.args.timing.livenessPauseMs, pid, onVerdict });
  }

  /** It is ended, and started again like one that crashed. */
  private async recycle(): Promise<void> {
    const { pid } = this;
    const started = pid === undefined ? undefined : startOf(pid);
    if (pid === undefined || started === undefined) return;
    const { spec, timing, log } = this.args;
    log(`${spec.name} instance ${this.number} fails its liveness check: it is started again`);
    this.recycling = true;
    await endProcess({ pid, started }, ["SIGTERM"], graceMs(spec, timing)).catch(
      (error: unknown) => {
        log(String(error));
      },
    );
    this.recycling = false;
  }
}

/** Port that the container listens on: a worker has one only for its liveness check. */
function containerPort({ kind, spec }: InstanceArgs): number | undefined {
  if (kind === "service") return spec.httpPort ?? defaultHttpPort;
  return spec.livenessHealthCheck && (spec.livenessHealthCheck.port ?? defaultHttpPort);
}

/** As often in a row as the check wants it. */
async function isReady(probe: Probe): Promise<boolean> {
  for (let count = 0; count < probe.successThreshold; count += 1) {
    if (!(await passes(probe))) return false;
  }
  return true;
}

/** Whether a process without a health check has lived for a while. */
function lives(pid: () => number | undefined, ms: number): () => Promise<boolean> {
  let seen: { readonly pid: number | undefined; readonly at: number } | undefined;
  return () => {
    if (seen?.pid !== pid()) seen = { pid: pid(), at: Date.now() };
    return Promise.resolve(Date.now() - (seen?.at ?? 0) >= ms);
  };
}

/** From SIGTERM to SIGKILL, milliseconds. */
export function graceMs({ termination }: AppComponent, timing: Timing): number {
  return Math.min((termination?.gracePeriodSeconds ?? 120) * 1_000, timing.graceMs);
}
