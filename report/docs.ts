import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generatedFiles, withGenerated } from "./generated";
import { projectRoot } from "./stackFile";
import { withoutStackTraces } from "./withoutStackTraces";

/** Writes what the code says into the documents (`npm run docs`); a test holds them in step. */
async function main(): Promise<void> {
  for (const [name, content] of Object.entries(await generatedFiles())) {
    const path = join(projectRoot, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  const readme = join(projectRoot, "README.md");
  writeFileSync(readme, await withGenerated(readFileSync(readme, "utf8")));
}

void withoutStackTraces(main);
