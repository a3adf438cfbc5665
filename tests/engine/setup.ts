import type { TestProject } from "vitest/node";
import { resolveEngine } from "../../sandbox/engine";

declare module "vitest" {
  export interface ProvidedContext {
    /** Whether the engine's suites can run. */
    readonly engine: boolean;
  }
}

/** Makes an engine, which takes minutes, only where somebody asked for these suites or for all of them. */
export default async function setup(project: TestProject): Promise<void> {
  const asked =
    process.env["npm_lifecycle_event"] === "test:engine" || process.env["REQUIRE_ALL"] === "1";
  const engine = await resolveEngine({
    make: asked,
    onProgress: (line) => {
      process.stderr.write(`${line}\n`);
    },
  }).catch((error: unknown) => {
    if (asked) throw error;
    return undefined;
  });
  if (engine) process.env["PULUMI_BIN"] = engine.path;
  project.provide("engine", engine !== undefined);
}
