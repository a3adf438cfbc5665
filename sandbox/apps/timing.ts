/**
 * How long the embedded App Platform waits, milliseconds. What a spec asks for holds up to these
 * limits: the order of things is the platform's, the patience is that of somebody at a terminal.
 */
export interface Timing {
  /** Longest pause between two health checks: who is not ready gets no requests. */
  readonly checkPauseMs: number;
  /** Longest pause between two liveness checks: who does not live is ended, so there is more patience. */
  readonly livenessPauseMs: number;
  /** How long a new instance gets to be healthy, at most. */
  readonly healthyMs: number;
  /** How long a worker has to live before it counts as up. */
  readonly settleMs: number;
  /** How long an instance that is going still answers, at most. */
  readonly drainMs: number;
  /** From SIGTERM to SIGKILL, at most. */
  readonly graceMs: number;
  /** How long a job may run. */
  readonly jobMs: number;
  /** Pause before an instance that ended is started again; doubled each time. */
  readonly restart: { readonly minMs: number; readonly maxMs: number };
  readonly autoscaling: {
    /** Between two measurements of CPU. */
    readonly sampleMs: number;
    /** How long the average has to be above the target for one more instance. */
    readonly upMs: number;
    /** How long it has to be well below for one less. */
    readonly downMs: number;
  };
}

export const usualTiming: Timing = {
  checkPauseMs: 2_000,
  livenessPauseMs: 10_000,
  healthyMs: 60_000,
  settleMs: 1_500,
  drainMs: 1_000,
  graceMs: 30_000,
  jobMs: 900_000,
  restart: { minMs: 1_000, maxMs: 30_000 },
  autoscaling: { sampleMs: 5_000, upMs: 20_000, downMs: 60_000 },
};
