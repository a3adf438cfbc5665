import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildServer } from "../../build";
import { runMigrate } from "./programs";
import { newDatabase, newPostgres, urlOf } from "./postgres";

declare module "vitest" {
  export interface ProvidedContext {
    /** Built programs, far from any node_modules: they must do without. */
    readonly dist: string;
    readonly postgresPort: number;
  }
}

/** Database with the schema in it, copied for each test file. */
export const TEMPLATE = "drops_template";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), "drops-dist-"));
  const dist = join(directory, "dist");
  const [postgres] = await Promise.all([newPostgres(), buildServer(dist)]);
  writePage(dist);
  await newDatabase(postgres.port, TEMPLATE);
  const migrated = await runMigrate(dist, {
    MIGRATION_DATABASE_URL: urlOf(postgres.port, TEMPLATE, "drops_owner"),
  });
  if (migrated.code !== 0) throw new Error(`migrations failed:\n${migrated.output}`);
  project.provide("dist", dist);
  project.provide("postgresPort", postgres.port);
  return async () => {
    await postgres.remove();
    rmSync(directory, { recursive: true, force: true });
  };
}

/** Stands in for the built page, which has tests of its own. */
function writePage(dist: string): void {
  mkdirSync(join(dist, "public/assets"), { recursive: true });
  writeFileSync(join(dist, "public/index.html"), "<!doctype html><title>Drops</title>");
  writeFileSync(join(dist, "public/robots.txt"), "User-agent: *\n");
  writeFileSync(join(dist, "public/assets/index-abc123.js"), "export {};\n");
}
