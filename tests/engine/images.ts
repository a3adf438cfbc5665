import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestSandbox } from "./fixture";

/**
 * Images of the app that are not as they should be: as it was built, some of its programs replaced.
 * What comes back pushes one to a repository and tells its name.
 */
export const imagesIn =
  ({ places, cloud }: TestSandbox, repository: string) =>
  async (dist: Readonly<Record<string, string>> = {}): Promise<string> => {
    const [version = ""] = readdirSync(places.releases);
    const digest = randomBytes(32).toString("hex");
    const directory = join(places.root, "images", digest);
    mkdirSync(directory, { recursive: true });
    cpSync(join(places.releases, version, "dist"), join(directory, "dist"), { recursive: true });
    for (const [name, text] of Object.entries(dist)) {
      writeFileSync(join(directory, "dist", name), text);
    }
    const reference = `${repository}@sha256:${digest}`;
    await (await cloud()).registerImage(reference, directory);
    return reference;
  };
