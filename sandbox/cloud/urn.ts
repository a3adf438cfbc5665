// Parts of a URN: `urn:pulumi:stack::project::parent$type::name`.

/** Empty where the resource was made outside of any stack. */
export const stackOf = (urn: string): string => /^urn:pulumi:([^:]+)::/.exec(urn)?.[1] ?? "";

/** The resource's own type, without those of its parents. */
export const typeOf = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";

export const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");
