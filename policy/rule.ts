import type { RegisteredResource } from "../report/compose";

/** `advisory` is told, `warning` makes a preview end with 1, `mandatory` with 2. */
export type PolicyLevel = "advisory" | "warning" | "mandatory";

export interface Violation {
  readonly rule: string;
  /** URN of the resource. */
  readonly resource: string;
  readonly message: string;
  readonly level: PolicyLevel;
}

export interface PolicyRule {
  readonly level: PolicyLevel;
  /** The type that the rule looks at. */
  readonly type: string;
  /** What is wrong with a resource; undefined when nothing is. */
  readonly check: (
    resource: RegisteredResource,
    all: readonly RegisteredResource[],
  ) => string | undefined;
  /** What of a resource it would have to see and only a deploy tells; undefined where it saw all. */
  readonly unseen?: (resource: RegisteredResource) => string | undefined;
}

/** Ranges that are the whole internet. */
export const everywhere: readonly unknown[] = ["0.0.0.0/0", "::/0"];

/** A resource with data that nothing guards against deletion. */
export const unprotected = ({ protect }: RegisteredResource): string | undefined =>
  protect ? undefined : "can be deleted by a mistake: drops:protection is off";
