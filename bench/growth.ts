import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { table } from "../report/table";
import { ensureCloud } from "../sandbox/cloud/ensure";
import { resolveEngine } from "../sandbox/engine";
import { makeDirectory, markDirectory } from "../sandbox/lifecycle/directory";
import { SandboxEngine } from "../sandbox/lifecycle/engine";
import { writeProject } from "../sandbox/lifecycle/project";
import { reset } from "../sandbox/lifecycle/reset";
import { checkout, placesIn } from "../sandbox/places";
import { rowsOf } from "./figures";
import { previewsOf, projectBeside, type Contender } from "./projects";

// What components cost beside the same resources registered by hand, as a stack grows: previews on the
// real engine that find nothing to do, of 1, 5 and 20 copies of a task with two secrets (9 resources).
// The two stand in turn within one run, so that the ratio holds when the machine's speed drifts.

const rounds = 5;
const sizes = [1, 5, 20];
const scratch = mkdtempSync(join(tmpdir(), "drops-growth-"));
const places = placesIn(join(scratch, "sandbox"));

async function main(): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const found = await resolveEngine({ onProgress: say });
  makeDirectory(places.root);
  markDirectory(places.root);
  const cloud = await ensureCloud(places, say);
  writeProject(places, cloud.address);
  const blocks: string[] = [];
  for (const size of sizes) {
    const environment = { BENCH_COPIES: String(size) };
    Object.assign(process.env, environment);
    const contenders: Record<string, Contender> = {};
    for (const kind of ["raw", "components"]) {
      const main = join(checkout, "bench", "copies", `${kind}.ts`);
      const engine = new SandboxEngine(
        found,
        projectBeside(places, scratch, `${kind}-${size}`, main),
      );
      await engine.required(["stack", "init", "bench"]);
      await engine.required(["up", "--yes", "--skip-preview", "--stack", "bench"]);
      contenders[`${size} x ${kind}`] = { engine, stack: "bench", environment };
    }
    blocks.push("", ...table(rowsOf(await previewsOf(contenders, rounds, join(scratch, "peak")))));
  }
  const head = `Node ${process.version}, ${rounds} rounds, each contender in turn; memory is the program's`;
  process.stdout.write(`${[head, ...blocks].join("\n")}\n`);
}

async function end(): Promise<void> {
  await reset(places, () => undefined);
  rmSync(scratch, { recursive: true, force: true });
}

void main().finally(end);
