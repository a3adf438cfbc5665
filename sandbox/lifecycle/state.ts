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
    /** URN of the resource with which it goes. */
    readonly deletedWith?: string;
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

/** How many locks an engine holds, or held, on the stack. */
export function lockFiles({ state }: Places, stack: string): number {
  try {
    const names = readdirSync(join(state, ".pulumi/locks/organization/drops", stack));
    return names.filter((name) => name.endsWith(".json")).length;
  } catch {
    return 0;
  }
}

const stackDirectory = (state: string): string => join(state, ".pulumi/stacks/drops");
