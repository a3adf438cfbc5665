import { UsageError } from "../../report/stackFile";

/**
 * What can be made to go wrong, on purpose: the cloud answers 500 or 429 (too many requests), the
 * resource is made but does not become ready, or the cloud's process dies in the middle of it.
 */
type FaultKind = "error" | "429" | "half" | "crash";

const operations = ["create", "read", "update", "delete"] as const;
export type OperationName = (typeof operations)[number];

/** One thing that shall go wrong or be slow. */
export interface Fault {
  readonly operation: OperationName;
  readonly type: string;
  /** Which of these operations, counted from 1; undefined: each. */
  readonly nth?: number;
  readonly kind?: FaultKind;
  readonly delaySeconds?: number;
}

/** Reading leaves nothing half done, and what is deleted does not become ready. */
const fitting: Readonly<Record<OperationName, readonly FaultKind[]>> = {
  create: ["error", "429", "half", "crash"],
  update: ["error", "429", "half", "crash"],
  delete: ["error", "429", "crash"],
  read: ["error", "429"],
};

const pattern = /^([a-z]+):([a-z][\w-]*:[\w/-]+:\w+)(?:@([1-9]\d*))?(?:=(.+))?$/;

/**
 * Reads `create:digitalocean:index/databaseCluster:DatabaseCluster@1=half`.
 *
 * @throws UsageError where it means nothing.
 */
export function parseFault(text: string, flag: "fail" | "delay"): Fault {
  const [, operation, type, nth, value] = pattern.exec(text) ?? [];
  if (type === undefined || !isOperation(operation)) {
    throw new UsageError(
      `--${flag} takes OPERATION:TYPE[@N]=${flag === "fail" ? "KIND" : "SECONDS"}, such as ` +
        `create:digitalocean:index/droplet:Droplet@1, with an operation of ${operations.join(", ")}; ` +
        `got "${text}"`,
    );
  }
  const fault = { operation, type, ...(nth !== undefined && { nth: Number(nth) }) };
  if (flag === "delay") {
    const seconds = Number(value);
    if (!(seconds > 0 && seconds <= 600)) {
      throw new UsageError(`--delay takes 0 to 600 seconds after the "=", got "${text}"`);
    }
    return { ...fault, delaySeconds: seconds };
  }
  const kind = fitting[operation].find((known) => known === (value ?? "error"));
  if (kind === undefined) {
    throw new UsageError(
      `--fail knows ${fitting[operation].join(", ")} for ${operation} after the "=", got "${text}"`,
    );
  }
  return { ...fault, kind };
}

const isOperation = (text: string | undefined): text is OperationName =>
  (operations as readonly (string | undefined)[]).includes(text);

/** Counts operations, and says what shall go wrong with this one. */
export class FaultPlan {
  private faults: readonly Fault[] = [];
  private readonly counts = new Map<string, number>();

  /** Counting starts anew with each plan. */
  set(faults: readonly Fault[]): void {
    this.faults = faults;
    this.counts.clear();
  }

  next(operation: OperationName, type: string): { kind?: FaultKind; delaySeconds: number } {
    const key = `${operation}:${type}`;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    const due = this.faults.filter(
      (fault) =>
        fault.operation === operation &&
        fault.type === type &&
        (fault.nth === undefined || fault.nth === count),
    );
    const kind = due.find((fault) => fault.kind !== undefined)?.kind;
    const delaySeconds = due.reduce((sum, fault) => sum + (fault.delaySeconds ?? 0), 0);
    return { ...(kind && { kind }), delaySeconds };
  }
}
