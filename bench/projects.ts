import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { SandboxEngine } from "../sandbox/lifecycle/engine";
import { checkout, type Places } from "../sandbox/places";
import type { Series } from "./figures";

/** A project beside a sandbox's own, on the same engine, state and plugins. */
export function projectBeside(
  places: Places,
  directory: string,
  name: string,
  main: string,
): Places {
  const project = join(directory, name);
  mkdirSync(project);
  // Where the engine's own part looks for the SDK.
  symlinkSync(join(checkout, "node_modules"), join(project, "node_modules"));
  const { plugins } = parse(readFileSync(join(places.project, "Pulumi.yaml"), "utf8")) as object & {
    plugins: unknown;
  };
  const runtime = { name: "nodejs", options: { typescript: false } };
  const settings = { name, runtime, main: "program.cjs", plugins };
  writeFileSync(join(project, "Pulumi.yaml"), stringify(settings));
  // Without one the engine warns at each run.
  writeFileSync(join(project, "package.json"), `${JSON.stringify({ name, private: true })}\n`);
  writeFileSync(
    join(project, "program.cjs"),
    `const register = require(${JSON.stringify(join(checkout, "register.cjs"))});
     register(register.providers.filter((name) => name.startsWith("@pulumi/")));
     module.exports = require(${JSON.stringify(main)});\n`,
  );
  return { ...places, project };
}

/** What is previewed, and with what in its environment. */
export interface Contender {
  readonly engine: SandboxEngine;
  readonly stack: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Previews that find nothing to do, each contender in turn within a round; the processes stay cold. */
export async function previewsOf(
  contenders: Readonly<Record<string, Contender>>,
  rounds: number,
  peakFile: string,
): Promise<readonly Series[]> {
  const all = Object.entries(contenders).map(([name, contender]) => ({
    ...{ name, contender },
    seconds: [] as number[],
    peakMib: [] as number[],
  }));
  const before = { ...process.env };
  // The first round warms the file cache and the transpiler's.
  for (let round = -1; round < rounds; round += 1) {
    for (const { contender, seconds, peakMib } of all) {
      Object.assign(process.env, contender.environment, {
        BENCH_PEAK: peakFile,
        NODE_OPTIONS: `--require ${join(checkout, "bench/peakMemory.cjs")}`,
      });
      const from = performance.now();
      const args = ["preview", "--expect-no-changes", "--stack", contender.stack];
      const { status, stdout, stderr } = await contender.engine.ask(args);
      const took = (performance.now() - from) / 1_000;
      if (status !== 0) throw new Error(`a preview ended with ${status}:\n${stdout}${stderr}`);
      if (round < 0) continue;
      seconds.push(took);
      peakMib.push(Number(readFileSync(peakFile, "utf8")) / 1_024);
    }
  }
  process.env = before;
  return all;
}
