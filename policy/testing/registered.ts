import type { RegisteredResource } from "../../report/compose";

/** A resource as a composition would have registered it, guarded unless `rest` says otherwise. */
export function registered(
  type: string,
  inputs: Record<string, unknown>,
  rest: Partial<RegisteredResource> = {},
): RegisteredResource {
  const name = type.split(":")[2] ?? type;
  return {
    ...{ type, name, parent: "urn:parent", urn: `urn:${name}` },
    ...{ protect: true, retainOnDelete: false, dependsOn: [], deleteBeforeReplace: false },
    ...{ ignoreChanges: [], replacementTrigger: null, inputs },
    ...rest,
  };
}
