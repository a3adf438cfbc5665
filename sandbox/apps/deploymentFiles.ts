import { mkdirSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Deployments of an app whose logs are kept. */
const KEPT = 5;

/** Where one deployment of an app keeps its logs, and the records of its processes. */
export function deploymentDirectory(app: string, deployment: string): string {
  const directory = join(app, "deployments", deployment);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Deletes what old deployments have left, but for those that are `needed`. */
export async function tidyDeployments(
  app: string,
  needed: readonly (string | undefined)[],
): Promise<void> {
  const all = join(app, "deployments");
  const names = await readdir(all).catch(() => []);
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(all, name))).mtimeMs })),
  );
  for (const { name } of dated.sort((a, b) => b.at - a.at).slice(KEPT)) {
    if (!needed.includes(name)) await rm(join(all, name), { recursive: true, force: true });
  }
}
