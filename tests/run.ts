import { spawn } from "node:child_process";
import { join } from "node:path";
import { resolveEngine, type Engine } from "../sandbox/engine";
import { find, packageOf } from "./host/programs";

// `npm test`: what Node alone can run, and where an engine is at hand the sandbox too. Arguments are
// those of `vitest run`.
const always = ["unit", "workload", "web"];
const withEngine = ["sandbox", "engine"];

/** The engine that is there: making one would take minutes. */
async function engineAtHand(): Promise<Engine | undefined> {
  const isNamed = (process.env["PULUMI_BIN"] ?? "") !== "";
  try {
    return await resolveEngine({ make: false });
  } catch (error) {
    // Whoever names one, or wants nothing left out, would not want to go on without.
    if (isNamed || process.env["REQUIRE_ALL"] === "1") throw error;
    return undefined;
  }
}

async function runSuites(projects: readonly string[]): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      join(__dirname, "../node_modules/vitest/vitest.mjs"),
      "run",
      ...projects.flatMap((project) => ["--project", project]),
      ...process.argv.slice(2),
    ],
    { stdio: "inherit" },
  );
  // Ctrl-C reaches it too, and it ends what it started.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return await new Promise((resolve) => {
    child.once("close", (status) => {
      resolve(status ?? 1);
    });
  });
}

function leftOut(engine: Engine | undefined): string[] {
  const missing = Object.entries(packageOf).filter(([name]) => find(name) === undefined);
  const packages = [...new Set(missing.map(([, name]) => name))].join(" ");
  return [
    ...(engine === undefined
      ? [
          "Not run: the sandbox and its programs, no Pulumi engine is at hand; npm run test:engine makes one",
        ]
      : []),
    "Not run: the server's files in the real programs; npm run test:host" +
      (packages === "" ? "" : `, after apt-get install --no-install-recommends ${packages}`),
  ];
}

async function main(): Promise<void> {
  const engine = await engineAtHand();
  process.exitCode = await runSuites(engine ? [...always, ...withEngine] : always);
  for (const line of leftOut(engine)) process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 3;
});
