/**
 * A caller's change to the arguments of one child, applied last: fields to set, or a function from
 * the arguments to the new ones. The way out where a component lacks a setting.
 */
export type Override<A> = Partial<A> | ((args: A) => A);

/** The arguments with the caller's change. */
export function withOverride<A extends object>(args: A, override: Override<A> | undefined): A {
  if (override === undefined) return args;
  return typeof override === "function" ? override(args) : { ...args, ...override };
}
