import type { ResourceSummary } from "../cloud/client";

/** A stack's state as the engine exports it; the rest of it passes through. */
export interface Exported {
  readonly deployment: {
    readonly resources?: readonly ExportedResource[];
    readonly pending_operations?: readonly {
      readonly type: string;
      readonly resource: ExportedResource;
    }[];
  };
}

interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  /** It was replaced, and is deleted by the next run. */
  readonly delete?: boolean;
}

/** Tells resources apart whatever their URN is: an id alone may belong to one of each type. */
export const keyOf = ({ type, id = "" }: Pick<ExportedResource, "type" | "id">): string =>
  `${type} ${id}`;

/** Keys of what the engine believes to be in the cloud. */
export function keysIn(resources: readonly Omit<ExportedResource, "urn">[]): ReadonlySet<string> {
  return new Set(
    resources.filter(({ type, id }) => id !== undefined && !type.startsWith("pulumi:")).map(keyOf),
  );
}

/**
 * The state without operations under way, and with what they made in it.
 *
 * @param made What the cloud made, as far as the engine can be the one that asked for it.
 * @returns also the keys of all that the state has then.
 */
export function adopt(
  whole: Exported,
  made: readonly ResourceSummary[],
): { readonly mended: Exported; readonly known: ReadonlySet<string> } {
  const { resources: before = [], pending_operations: operations = [] } = whole.deployment;
  const known = new Set(keysIn(before));
  let resources = [...before];
  for (const { type, resource } of operations) {
    if (type !== "creating") continue;
    const found = made.find((one) => one.urn === resource.urn && !known.has(keyOf(one)));
    if (!found) continue;
    known.add(keyOf(found));
    // The engine would have marked the one that it replaces.
    resources = resources.map((other) =>
      other.urn === resource.urn ? { ...other, delete: true } : other,
    );
    // What it was created after is in the state already, so the end is the right place.
    resources.push({ ...resource, id: found.id });
  }
  const deployment = { ...whole.deployment, resources, pending_operations: [] };
  return { mended: { ...whole, deployment }, known };
}
