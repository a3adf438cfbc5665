import { usualTiming, type Timing } from "../apps/timing";

/** How long the embedded ECS waits, milliseconds: what the platform of apps waits, and this. */
export interface EcsTiming extends Timing {
  /**
   * How long a deployment is waited for: AWS's provider has 20 minutes. A circuit breaker opens
   * sooner, where tasks fail one after the other too.
   */
  readonly steadyMs: number;
  /** Between two looks of a service at its tasks. */
  readonly lookMs: number;
}

export const usualEcsTiming: EcsTiming = { ...usualTiming, steadyMs: 300_000, lookMs: 500 };
