import type { Resource } from "@pulumi/pulumi";
import type { Answer, RegisteredResource } from "../../../report/compose";
import { registered } from "../../network/testing/registered";

/** Resources of a component, by logical name. */
export type Children = Readonly<Record<string, RegisteredResource>>;

/** Runs a component's constructor: as a preview, or as a deploy where `answer` tells the outputs. */
export async function childrenOf(build: () => Resource, answer?: Answer): Promise<Children> {
  const { resources } = await registered(() => {
    build();
    return undefined;
  }, answer);
  return Object.fromEntries(resources.map((resource) => [resource.name, resource]));
}

/** Types and names, as a table of contents. */
export const listed = (children: Children): readonly string[] =>
  Object.values(children)
    .map(({ type, name }) => `${type.split(":").at(-1) ?? type} ${name}`)
    .sort();

export const inputsOf = (
  children: Children,
): Readonly<Record<string, RegisteredResource["inputs"]>> =>
  Object.fromEntries(Object.entries(children).map(([name, { inputs }]) => [name, inputs]));
