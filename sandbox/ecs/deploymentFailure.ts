import { ServiceFailed, type ServiceOrder } from "../containers/contract";
import type { LiveDeployment } from "./serviceFile";

/** As many tasks of a deployment failed as its circuit breaker allows. */
export class BreakerOpened extends Error {
  override readonly name = "BreakerOpened";
}

interface FailedDeployment {
  readonly deployment: string;
  readonly order: ServiceOrder;
  readonly error: unknown;
  /** Whether the deployment before runs again because the circuit breaker opened. */
  readonly wentBack: boolean;
  /** Tasks that failed, and why the last of them did. */
  readonly failures: number;
  readonly accounts: readonly string[];
  readonly live: LiveDeployment | undefined;
}

/** A deployment's failure in the words of ECS and of AWS's provider. */
export function serviceFailed(failed: FailedDeployment): ServiceFailed {
  const { deployment, order, failures, accounts, live } = failed;
  const { family, revision } = order.task;
  const lines = [
    whatOf(failed),
    ...(failures > 0
      ? [
          `(service ${order.name}) (deployment ecs-svc/${deployment}) deployment failed: tasks failed to start.`,
          ...accounts,
        ]
      : []),
    live
      ? `${live.order.task.family}:${live.order.task.revision} runs, not ${family}:${revision}.`
      : "Nothing of it runs.",
  ];
  return new ServiceFailed(lines.join("\n"));
}

function whatOf({ error, order, wentBack }: FailedDeployment): string {
  if (!(error instanceof BreakerOpened)) return (error as Error).message;
  if (wentBack) {
    return "Service deployment rolled back because the circuit breaker threshold was exceeded.";
  }
  return order.circuitBreaker.rollback
    ? "No rollback candidate was found to run the rollback."
    : "Service deployment failed because the circuit breaker threshold was exceeded.";
}
