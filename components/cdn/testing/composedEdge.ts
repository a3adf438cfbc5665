import * as pulumi from "@pulumi/pulumi";
import { CloudflareEdge, type CloudflareEdgeArgs } from "../cloudflareEdge";
import { spec } from "./sampleSpec";

export interface Registration {
  readonly type: string;
  readonly name: string;
  /** Secrets bear the SDK's mark. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What was registered since mocks were set, an edge that was refused included. */
export const registrations: Registration[] = [];

/** Before each test. */
export async function setEdgeMocks(): Promise<void> {
  registrations.length = 0;
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registrations.push({ type, name, inputs: inputs as Record<string, unknown> });
        return { id: `${name}-id`, state: inputs as Record<string, unknown> };
      },
      call: ({ token }) => {
        throw new Error(`unexpected invoke of ${token}`);
      },
    },
    "drops",
    "edge",
  );
}

export async function composeEdge(
  args: Partial<CloudflareEdgeArgs> = {},
  opts?: pulumi.ComponentResourceOptions,
): Promise<{ readonly edge: CloudflareEdge; readonly all: readonly Registration[] }> {
  registrations.length = 0;
  const edge = new CloudflareEdge("edge", { spec, ...args }, opts);
  await pulumi.runtime.disconnect();
  return { edge, all: [...registrations] };
}

export type InputsByName = Readonly<Record<string, Registration["inputs"]>>;

export const inputsByName = (all: readonly Registration[]): InputsByName =>
  Object.fromEntries(all.map(({ name, inputs }) => [name, inputs]));

/** Inputs that differ, as "name.key". */
export function changes(before: InputsByName, after: InputsByName): readonly string[] {
  return Object.keys({ ...before, ...after }).flatMap((name) =>
    Object.keys({ ...before[name], ...after[name] })
      .filter((key) => JSON.stringify(before[name]?.[key]) !== JSON.stringify(after[name]?.[key]))
      .map((key) => `${name}.${key}`),
  );
}
