// One resolver in a process of its own: what `npx drops engine` is, with faked surroundings. The
// options are the only argument, as JSON.
import { resolveEngine } from "..";
import type { EngineOptions } from "../types";

const options = JSON.parse(process.argv[2] ?? "{}") as EngineOptions;
// As the command line does: whoever else listens comes first.
process.on("SIGINT", () => {
  if (process.listenerCount("SIGINT") === 1) process.exit(130);
});
// An end that the engine's clean-up is not told of: a closed pipe, an error elsewhere.
process.on("SIGUSR2", () => process.exit(7));

void resolveEngine({
  ...options,
  onProgress: (line) => process.stdout.write(`${line}\n`),
}).then(
  (engine) => process.stdout.write(`source: ${engine.source}\n`),
  (error: unknown) => {
    process.stdout.write(`${String(error)}\n`);
    process.exitCode = 3;
  },
);
