import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Places } from "../places";

/** What the engine has written down of a stack; the parts that the sandbox looks at. */
export interface StackState {
  readonly resources: readonly {
    readonly urn: string;
    readonly type: string;
    readonly id?: string;
    readonly protect?: boolean;
    readonly outputs?: Readonly<Record<string, unknown>>;
  }[];
  /** Operations that were under way when the engine ended. */
  readonly pending: readonly {
    readonly type: string;
    readonly resource: { readonly urn: string };
  }[];
}

/** Names of the stacks that exist. */
export function stacksIn({ state }: Places): readonly string[] {
  try {
    return readdirSync(stackDirectory(state))
      .flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? [])
      .sort();
  } catch {
    return [];
  }
}

/** Undefined: there is no such stack. */
export function readState({ state }: Places, stack: string): StackState | undefined {
  let text: string;
  try {
    text = readFileSync(join(stackDirectory(state), `${stack}.json`), "utf8");
  } catch {
    return undefined;
  }
  const { checkpoint } = JSON.parse(text) as {
    checkpoint?: { latest?: { resources?: unknown; pending_operations?: unknown } };
  };
  return {
    resources: (checkpoint?.latest?.resources ?? []) as StackState["resources"],
    pending: (checkpoint?.latest?.pending_operations ?? []) as StackState["pending"],
  };
}

/** An output of a stack as the engine wrote it down; secrets are not readable there. */
export function outputOf(state: StackState | undefined, name: string): unknown {
  return state?.resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs?.[name];
}

/** Process numbers of the engines that hold, or held, the stack's lock. */
export function lockHolders({ state }: Places, stack: string): readonly number[] {
  const directory = join(state, ".pulumi/locks/organization/drops", stack);
  try {
    return readdirSync(directory).flatMap((file) => {
      try {
        const { pid } = JSON.parse(readFileSync(join(directory, file), "utf8")) as { pid: number };
        return [pid];
      } catch {
        // Half written by an engine that was killed.
        return [0];
      }
    });
  } catch {
    return [];
  }
}

const stackDirectory = (state: string): string => join(state, ".pulumi/stacks/drops");
