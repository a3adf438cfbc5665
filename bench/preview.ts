import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preview } from "../report/preview";
import { projectRoot } from "../report/stackFile";
import { table } from "../report/table";
import { rowsOf } from "./figures";

// A preview against the floor below it: Node merely importing the same provider modules. Both are
// whole processes, in turn within one run, so that the ratio holds when the machine's speed drifts.

const rounds = 7;
const scratch = mkdtempSync(join(tmpdir(), "drops-bench-"));
const providers = `for (const name of require("./register.cjs").providers.filter((name) => name.startsWith("@pulumi/"))) require(name)`;

const contenders = {
  "import the providers": [process.execPath, "-e", providers],
  "drops preview small": [process.execPath, "cli/drops.cjs", "preview", "small"],
  "npx drops preview small": ["npx", "--no-install", "drops", "preview", "small"],
  "npx alone (drops help)": ["npx", "--no-install", "drops", "help"],
};
type Contender = keyof typeof contenders;

function once(name: Contender): { seconds: number; peakMib: number } {
  const [command = "", ...args] = contenders[name];
  const peak = join(scratch, "peak");
  const from = process.hrtime.bigint();
  const { status, stderr } = spawnSync(command, args, {
    cwd: projectRoot,
    encoding: "utf8",
    env: {
      ...process.env,
      BENCH_PEAK: peak,
      NODE_OPTIONS: `--require ${join(projectRoot, "bench/peakMemory.cjs")}`,
    },
  });
  const seconds = Number(process.hrtime.bigint() - from) / 1e9;
  if (status !== 0) throw new Error(`${name} ended with ${String(status)}: ${stderr}`);
  return { seconds, peakMib: Number(readFileSync(peak, "utf8")) / 1_024 };
}

async function main(): Promise<void> {
  const names = Object.keys(contenders) as Contender[];
  names.forEach(once); // Warms the file cache and the transpiler's; the processes stay cold.
  const runs = Array.from({ length: rounds }, () => names.map(once));
  const rows = rowsOf(
    names.map((name, index) => ({
      name,
      seconds: runs.map((run) => run[index]?.seconds ?? Number.NaN),
      peakMib: runs.map((run) => run[index]?.peakMib ?? Number.NaN),
    })),
  );
  const report = await preview("small");
  const lines = [
    `Node ${process.version}, ${rounds} rounds, each contender in turn`,
    ...table(rows),
    `${report.resources.length} registrations composed (small with its edge)`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

void main().finally(() => {
  rmSync(scratch, { recursive: true, force: true });
});
