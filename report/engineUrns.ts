const stackType = "pulumi:pulumi:Stack";

/**
 * URNs as the engine gives them: with the types of all components above, the outermost first, and
 * without the stack's. The mocks put the nearest one alone before a resource's own type, or the stack's.
 *
 * What comes back turns one of the mocks' into the engine's; for a new resource it is told the parent.
 */
export function engineUrns(): (urn: string, parent?: string) => string {
  const known = new Map<string, string>();
  return (urn, parent) => {
    const found = known.get(urn);
    // The stack has no parent.
    if (found !== undefined || urn === "") return found ?? "";
    const [head, project, types = "", ...name] = urn.split("::");
    const above = parent === undefined ? undefined : known.get(parent)?.split("::")[2];
    const own = types.split("$").at(-1) ?? "";
    const qualified =
      above === undefined || above === stackType
        ? types.replace(`${stackType}$`, "")
        : `${above}$${own}`;
    const made = [head, project, qualified, ...name].join("::");
    known.set(urn, made);
    return made;
  };
}
