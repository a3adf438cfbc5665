import type { TestProject } from "vitest/node";
import { resolveEngine } from "../../sandbox/engine";

declare module "vitest" {
  export interface ProvidedContext {
    /** Whether the engine's suites can run. */
    readonly engine: boolean;
  }
}

/**
 * `npm run test:engine` makes an engine where there is none; `npm test` takes what is at hand, because
 * a build would take minutes.
 */
export default async function setup(project: TestProject): Promise<void> {
  const asked = process.env["npm_lifecycle_event"] === "test:engine";
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
