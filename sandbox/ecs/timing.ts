import { usualTiming, type Timing } from "../apps/timing";

/** How long the embedded ECS waits, milliseconds: what the platform of apps waits, and this. */
export interface EcsTiming extends Timing {
  /** How long a deployment without a circuit breaker is waited for. */
  readonly steadyMs: number;
  /** Between two looks of a service at its tasks. */
  readonly lookMs: number;
}

export const usualEcsTiming: EcsTiming = { ...usualTiming, steadyMs: 180_000, lookMs: 500 };
