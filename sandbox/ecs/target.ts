import { setTimeout as sleep } from "node:timers/promises";
import { passes, type Probe } from "../apps/healthCheck";
import { healthCheckOf, isMatch } from "../aws/balancer/targetGroup";
import type { Values } from "../cloud/kind";
import type { EcsTiming } from "./timing";

/** Between two checks of a target that was never healthy, milliseconds. */
const FIRST_PAUSE_MS = 200;

/** What a target group says of one of its targets. */
export class Target {
  state: "initial" | "healthy" | "unhealthy" = "initial";
  private readonly end = new AbortController();
  private inARow = 0;

  constructor(
    private readonly args: {
      readonly port: number;
      /** Inputs of the target group. */
      readonly group: Values;
      /** Longest time to the first success, milliseconds; after it the target is unhealthy. */
      readonly graceMs: number;
      readonly timing: EcsTiming;
      /** Whether the network lets the balancer in at this moment. */
      readonly isReachable: () => boolean;
      readonly onChange: () => void;
    },
  ) {
    void this.watch();
  }

  stop(): void {
    this.end.abort();
  }

  private hasEnded(): boolean {
    return this.end.signal.aborted;
  }

  private async watch(): Promise<void> {
    const check = healthCheckOf(this.args.group);
    const { timing, graceMs, port } = this.args;
    const periodMs = Math.min(check.intervalSeconds * 1_000, timing.checkPauseMs);
    const patienceMs = Math.max(graceMs, check.intervalSeconds * 1_000 * check.unhealthyThreshold);
    const giveUp = Date.now() + Math.min(patienceMs, timing.healthyMs);
    const probe: Probe = {
      ...{ path: check.path, port: check.port === "traffic-port" ? port : Number(check.port) },
      ...{ initialDelayMs: 0, periodMs, timeoutMs: check.timeoutSeconds * 1_000 },
      ...{ successThreshold: check.healthyThreshold, failureThreshold: check.unhealthyThreshold },
      isPass: (status) => isMatch(check.matcher, status),
      userAgent: "ELB-HealthChecker/2.0",
    };
    while (!this.hasEnded()) {
      const passed = this.args.isReachable() && (await passes(probe));
      // Of one that ended meanwhile it says nothing.
      if (!this.hasEnded()) this.weigh(passed, probe, giveUp);
      const pauseMs = this.state === "initial" ? FIRST_PAUSE_MS : periodMs;
      await sleep(pauseMs, undefined, { signal: this.end.signal, ref: false }).catch(
        () => undefined,
      );
    }
  }

  private weigh(passed: boolean, probe: Probe, giveUp: number): void {
    if (this.state === "initial") {
      // A new target is healthy with its first success.
      if (passed) this.become("healthy");
      else if (Date.now() >= giveUp) this.become("unhealthy");
      return;
    }
    const isAgainst = passed !== (this.state === "healthy");
    this.inARow = isAgainst ? this.inARow + 1 : 0;
    const enough = passed ? probe.successThreshold : probe.failureThreshold;
    if (isAgainst && this.inARow >= enough) this.become(passed ? "healthy" : "unhealthy");
  }

  private become(state: typeof this.state): void {
    this.state = state;
    this.inARow = 0;
    this.args.onChange();
  }
}
