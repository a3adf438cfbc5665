import { compose, type Composition, type RegisteredResource } from "../report/compose";
import { readStackFile, withSetting } from "../report/stackFile";
import { withoutStackTraces } from "../report/withoutStackTraces";
import { ConfigProblems, type Problem } from "../settings/problems";

/** Composes a committed stack with some settings changed. */
export function composed(
  stack: string,
  settings: readonly string[] = [],
  without: readonly string[] = [],
): Promise<Composition> {
  const config = settings.reduce(withSetting, readStackFile(stack));
  const values = Object.fromEntries(
    Object.entries(config.values).filter(([key]) => !without.includes(key)),
  );
  return withoutStackTraces(() => compose(stack, { ...config, values }));
}

/** The problems with which a changed stack is refused; empty when it is not. */
export async function problemsWith(
  settings: readonly string[],
  without: readonly string[] = [],
  stack = "small",
): Promise<readonly Problem[]> {
  try {
    await composed(stack, settings, without);
    return [];
  } catch (error) {
    if (error instanceof ConfigProblems) return error.problems;
    throw error;
  }
}

/** The one resource of a composition with a logical name. */
export function named({ resources }: Composition, name: string): RegisteredResource {
  const found = resources.filter((resource) => resource.name === name);
  if (found.length !== 1) throw new Error(`${found.length} resources are named ${name}`);
  return found[0] as RegisteredResource;
}

/** How many resources of each type, without components. */
export function census({ resources }: Composition): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of resources) {
    if (!type.startsWith("drops:")) counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

/** Type token of a DigitalOcean resource. */
export const digitalocean = (name: string): string => {
  const [first = "", ...rest] = name;
  return `digitalocean:index/${first.toLowerCase()}${rest.join("")}:${name}`;
};
