import type { CloudResource, World } from "../contracts";
import { isRecord } from "../isRecord";
import { CloudError, type Kind, type Reference, type Values } from "./kind";

/** A value of an input that names another resource. */
interface Named {
  readonly reference: Reference;
  readonly value: unknown;
}

/** Every value that the kind's references point at, lists opened. */
function namedBy(kind: Kind, inputs: Values): readonly Named[] {
  return (kind.references ?? []).flatMap((reference) =>
    valuesAt(inputs, reference.input.split("."), inputs, reference).map((value) => ({
      reference,
      value,
    })),
  );
}

/** @throws CloudError where a resource that the inputs name does not exist. */
export function requireNamed(kind: Kind, inputs: Values, world: World): void {
  for (const { reference, value } of namedBy(kind, inputs)) {
    if (!find(world, reference, value)) {
      const what = reference.type.split(":").at(-1) ?? reference.type;
      throw new CloudError(404, `${reference.input}: there is no ${what} "${String(value)}"`);
    }
  }
}

/** Resources that name this one, by what their reference says of its end. */
export function namersOf(
  resource: CloudResource,
  world: { everything(): readonly CloudResource[] },
  kindOf: (type: string) => Kind | undefined,
): { readonly refuse: readonly CloudResource[]; readonly cascade: readonly CloudResource[] } {
  const refuse: CloudResource[] = [];
  const cascade: CloudResource[] = [];
  for (const other of world.everything()) {
    if (other === resource) continue;
    const kind = kindOf(other.type);
    const named = kind ? namedBy(kind, other.inputs) : [];
    const here = named.filter(({ reference, value }) =>
      targetsOf(reference).some(
        (target) =>
          target.type === resource.type && String(propertyOf(resource, target)) === String(value),
      ),
    );
    if (here.some(({ reference }) => reference.onDelete === "cascade")) cascade.push(other);
    else if (here.some(({ reference }) => (reference.onDelete ?? "refuse") === "refuse"))
      refuse.push(other);
  }
  return { refuse, cascade };
}

function find(world: World, reference: Reference, value: unknown): CloudResource | undefined {
  // Numbers and texts both stand for ids in the providers' inputs.
  return targetsOf(reference)
    .flatMap((target) => world.all(target.type).map((other) => ({ target, other })))
    .find(({ target, other }) => String(propertyOf(other, target)) === String(value))?.other;
}

type Target = Pick<Reference, "type" | "property">;

const targetsOf = (reference: Reference): readonly Target[] =>
  reference.or ? [reference, reference.or] : [reference];

function propertyOf(resource: CloudResource, { property = "id" }: Target): unknown {
  return property === "id"
    ? resource.id
    : (resource.outputs[property] ?? resource.inputs[property]);
}

function valuesAt(
  value: unknown,
  [part, ...rest]: readonly string[],
  holder: Values,
  reference: Reference,
): readonly unknown[] {
  if (part === undefined) {
    if (value === undefined || value === null) return [];
    return reference.when && !reference.when(holder) ? [] : [value];
  }
  const list = part.endsWith("[]");
  const child = (value as Record<string, unknown> | undefined)?.[list ? part.slice(0, -2) : part];
  if (!list) return valuesAt(child, rest, value as Values, reference);
  if (!Array.isArray(child)) return [];
  return child.flatMap((one: unknown) =>
    // A list's plain values stand in what holds the list.
    valuesAt(one, rest, isRecord(one) ? one : holder, reference),
  );
}
