import type { RegisteredResource } from "./compose";
import { table } from "./table";

export const isComponent = ({ type }: RegisteredResource): boolean => type.startsWith("drops:");
export const isStack = ({ type }: RegisteredResource): boolean => type === "pulumi:pulumi:Stack";

/** Components with their resources; many of one kind become one line. */
export function resourceTree(resources: readonly RegisteredResource[]): string[] {
  return resources
    .filter(isStack)
    .flatMap((stack) => [
      stack.name,
      ...namesakes(childrenOf(stack, resources)).flatMap(([name, parts]) => [
        `  ${name}`,
        ...table(grouped(parts.flatMap((part) => realBelow(part, resources)))).map(
          (line) => `    ${line}`,
        ),
      ]),
    ]);
}

/** Components of one name, such as a service and its task, are one part of the stack. */
function namesakes(
  children: readonly RegisteredResource[],
): readonly (readonly [string, readonly RegisteredResource[]])[] {
  return [...new Set(children.map(({ name }) => name))].map((name) => [
    name,
    children.filter((child) => child.name === name),
  ]);
}

/** The resources of a component, and those of the components in it. */
function realBelow(
  parent: RegisteredResource,
  resources: readonly RegisteredResource[],
): RegisteredResource[] {
  return childrenOf(parent, resources).flatMap((child) =>
    isComponent(child) ? realBelow(child, resources) : [child],
  );
}

const childrenOf = (
  parent: RegisteredResource,
  resources: readonly RegisteredResource[],
): RegisteredResource[] => resources.filter((resource) => resource.parent === parent.urn);

function grouped(resources: readonly RegisteredResource[]): string[][] {
  const byType = new Map<string, RegisteredResource[]>();
  for (const resource of resources) {
    byType.set(resource.type, [...(byType.get(resource.type) ?? []), resource]);
  }
  // By name: the order in which the program registers them is nobody's promise.
  const byName = (one: RegisteredResource, other: RegisteredResource): number =>
    one.name < other.name ? -1 : 1;
  return [...byType].flatMap(([type, unordered]) => {
    const members = [...unordered].sort(byName);
    const kind = `${type.split(":")[0] ?? ""} ${type.split(":")[2] ?? type}`;
    return members.length > 4
      ? [[`${members.length} x`, kind, ""]]
      : members.map((member) => [
          member.name,
          kind,
          `${gist(member)}${member.protect ? "  protected" : ""}`.trim(),
        ]);
  });
}

/** The inputs that tell most about a resource in few words. */
function gist({ inputs }: RegisteredResource): string {
  const telling = ["size", "region", "ipRange", "engine", "version", "target", "content", "phase"];
  return [
    ...[...telling, "instanceClass", "nodeType"]
      .map((key) => inputs[key])
      .filter((value): value is string => typeof value === "string" && !value.startsWith("[")),
    ...containers(inputs.containerDefinitions),
  ].join(" ");
}

/** What a task runs: its containers' commands, and the beginning of each image's digest. */
function containers(text: unknown): string[] {
  if (typeof text !== "string" || text.startsWith("[u")) return [];
  const definitions = JSON.parse(text) as readonly {
    readonly name: string;
    readonly image: string;
    readonly command?: readonly string[];
  }[];
  const images = new Set(
    definitions.map(({ image }) => image.replace(/(:[0-9a-f]{8})[0-9a-f]+$/, "$1…")),
  );
  return [
    definitions.map(({ name, command }) => (command ?? [name]).join(" ")).join(", then "),
    `of ${[...images].join(", ")}`,
  ];
}
