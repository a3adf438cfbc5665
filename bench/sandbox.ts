import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { table } from "../report/table";
import { runningCloud } from "../sandbox/cloud/client";
import { resolveEngine } from "../sandbox/engine";
import { SandboxEngine } from "../sandbox/lifecycle/engine";
import { checkout, placesIn } from "../sandbox/places";
import { tierNames, type TierName } from "../tiers/types";
import { rowsOf, type Series } from "./figures";
import { previewsOf, projectBeside, type Contender } from "./projects";

// The sandbox on the real engine: how long until each tier answers, what it takes, and what a preview
// of each that finds nothing to do costs beside the floor below it: the same engine on a program without a
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
async function up(tier: TierName): Promise<number> {
  const from = performance.now();
  const child = spawn(process.execPath, cli("up", tier), { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  }
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (status !== 0) throw new Error(`sandbox up ${tier} ended with ${String(status)}:\n${said}`);
  return (performance.now() - from) / 1_000;
}

async function previews(): Promise<readonly Series[]> {
  const found = await resolveEngine({ make: false });
  writeFileSync(join(scratch, "nothing.ts"), "export const nothing: string = '';\n");
  const empty = projectBeside(places, scratch, "empty", join(scratch, "nothing.ts"));
  const floor = new SandboxEngine(found, empty);
  await floor.required(["stack", "init", "small"]);
  await floor.required(["up", "--yes", "--skip-preview", "--stack", "small"]);
  const contenders: Record<string, Contender> = {
    "preview of an empty program": { engine: floor, stack: "small" },
  };
  for (const tier of tierNames) {
    const engine = new SandboxEngine(found, places);
    contenders[`preview of ${tier}, nothing to do`] = { engine, stack: tier };
  }
  return await previewsOf(contenders, rounds, join(scratch, "peak"));
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
  const ups: string[] = [];
  for (const tier of tierNames) {
    ups.push(`sandbox up ${tier}: the first 200 after ${(await up(tier)).toFixed(1)} s`);
  }
  const lines = [
    `Node ${process.version}; a new sandbox, the app built in it first; the tiers one beside the other`,
    ...ups,
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
