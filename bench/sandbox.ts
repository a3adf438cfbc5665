import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { table } from "../report/table";
import { runningCloud } from "../sandbox/cloud/client";
import { resolveEngine } from "../sandbox/engine";
import { SandboxEngine } from "../sandbox/lifecycle/engine";
import { checkout, placesIn, type Places } from "../sandbox/places";
import { rowsOf, type Series } from "./figures";

// The sandbox on the real engine: how long until a stack answers, what it takes, and what a preview
// that finds nothing to do costs beside the floor below it: the same engine on a program without a
// resource that imports the same providers. Both in turn within one run, so that the ratio holds when
// the machine's speed drifts.

const rounds = 7;
const scratch = mkdtempSync(join(tmpdir(), "drops-bench-"));
const places = placesIn(join(scratch, "sandbox"));
const cli = (...args: string[]): string[] => [
  join(checkout, "cli/drops.cjs"),
  ...["sandbox", ...args, "--dir", places.root],
];

/** Seconds until the command ends: with the first answer of 200. */
async function up(): Promise<number> {
  const from = performance.now();
  const child = spawn(process.execPath, cli("up", "small"), { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  }
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (status !== 0) throw new Error(`sandbox up small ended with ${String(status)}:\n${said}`);
  return (performance.now() - from) / 1_000;
}

/** A project beside the sandbox's own, on the same engine, state and plugins. */
function emptyProject(): Places {
  const project = join(scratch, "empty");
  mkdirSync(project);
  // Where the engine's own part looks for the SDK.
  symlinkSync(join(checkout, "node_modules"), join(project, "node_modules"));
  const { plugins } = parse(readFileSync(join(places.project, "Pulumi.yaml"), "utf8")) as object & {
    plugins: unknown;
  };
  const runtime = { name: "nodejs", options: { typescript: false } };
  const settings = { name: "empty", runtime, main: "program.cjs", plugins };
  writeFileSync(join(project, "Pulumi.yaml"), stringify(settings));
  writeFileSync(
    join(project, "program.cjs"),
    `const register = require(${JSON.stringify(join(checkout, "register.cjs"))});
     register(register.providers.filter((name) => name.startsWith("@pulumi/")));
     module.exports = require("./index.ts");\n`,
  );
  writeFileSync(join(project, "index.ts"), "export const nothing: string = '';\n");
  return { ...places, project };
}

async function previews(): Promise<readonly Series[]> {
  const found = await resolveEngine({ make: false });
  const empty = new SandboxEngine(found, emptyProject());
  const init = await empty.ask(["stack", "init", "small"]);
  if (init.status !== 0) throw new Error(init.stderr);
  const contenders = {
    "preview of an empty program": empty,
    "preview of small, nothing to do": new SandboxEngine(found, places),
  };
  const peak = join(scratch, "peak");
  process.env["BENCH_PEAK"] = peak;
  process.env["NODE_OPTIONS"] = `--require ${join(checkout, "bench/peakMemory.cjs")}`;
  const all = Object.entries(contenders).map(([name, engine]) => ({
    ...{ name, engine },
    seconds: [] as number[],
    peakMib: [] as number[],
  }));
  // The first round warms the file cache and the transpiler's; the processes stay cold.
  for (let round = -1; round < rounds; round += 1) {
    for (const { engine, seconds, peakMib } of all) {
      const from = performance.now();
      const { status, stdout, stderr } = await engine.ask(["preview", "--stack", "small"]);
      if (status !== 0) throw new Error(`a preview ended with ${status}:\n${stdout}${stderr}`);
      if (round < 0) continue;
      seconds.push((performance.now() - from) / 1_000);
      peakMib.push(Number(readFileSync(peak, "utf8")) / 1_024);
    }
  }
  return all;
}

async function memory(): Promise<readonly string[][]> {
  const cloud = await runningCloud(places);
  const { memoryBytes = Number.NaN, services = [] } = (await cloud?.status()) ?? {};
  const rows = [{ what: "cloud", memoryBytes }, ...services];
  return rows.flatMap(({ what, memoryBytes: bytes }) =>
    bytes === undefined ? [] : [[what, `${(bytes / 2 ** 20).toFixed(0)} MiB`]],
  );
}

async function main(): Promise<void> {
  await resolveEngine({ onProgress: (line) => process.stderr.write(`${line}\n`) });
  const seconds = await up();
  const lines = [
    `Node ${process.version}; a new sandbox, the app built in it`,
    `sandbox up small: the first 200 after ${seconds.toFixed(1)} s`,
    ...["", ...table(await memory(), [1])],
    ...[
      "",
      `${rounds} rounds, each in turn; memory is the program's`,
      ...table(rowsOf(await previews())),
    ],
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function end(): Promise<void> {
  delete process.env["NODE_OPTIONS"];
  const reset = spawn(process.execPath, cli("reset"), { stdio: "inherit" });
  await new Promise((resolve) => reset.once("close", resolve));
  rmSync(scratch, { recursive: true, force: true });
}

void main().finally(end);
