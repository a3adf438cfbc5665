import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CloudClient } from "../cloud/client";
import { checkout, type Places } from "../places";
import type { Outcome } from "./engine";

const execute = promisify(execFile);

/** What a build of the app depends on. */
const sources = ["server", "web", "migrations"];
const files = ["build.ts", "package.json", "database-indexes.sql"];

/** Puts the reference app into use on a stack's server, built first where its source changed. */
export async function releaseApp(
  cloud: CloudClient,
  places: Places,
  stack: string,
  say: (line: string) => void,
): Promise<Outcome> {
  const { directory, version } = await builtApp(places, say);
  const { status, stdout, stderr } = await cloud.release(stack, directory, version);
  const told = `${stdout}${stderr}`.trim();
  if (told !== "") say(told);
  return status === 0 ? "done" : "failed";
}

/** Directory and version of the app as its source is now. */
async function builtApp(
  places: Places,
  say: (line: string) => void,
): Promise<{ readonly directory: string; readonly version: string }> {
  const workload = join(checkout, "workload");
  const version = digestOf(workload);
  const directory = join(places.releases, version);
  if (existsSync(directory)) return { directory, version };
  say("building the reference app");
  const partial = newPartial(places, version);
  await build(workload, join(partial, "dist"));
  renameSync(partial, directory);
  return { directory, version };
}

/** A name of its own: a build whose command was killed goes on for a moment, and writes into its. */
function newPartial({ releases }: Places, version: string): string {
  mkdirSync(releases, { recursive: true });
  for (const name of readdirSync(releases).filter((other) => other.includes(".partial-"))) {
    rmSync(join(releases, name), { recursive: true, force: true, maxRetries: 5 });
  }
  return mkdtempSync(join(releases, `${version}.partial-`));
}

async function build(workload: string, dist: string): Promise<void> {
  const options = { cwd: workload, env: { ...process.env, NODE_ENV: "production" } };
  const page = [
    join(checkout, "node_modules/vite/bin/vite.js"),
    ...["build", "--config", "web/vite.config.mts", "--logLevel", "warn"],
    ...["--outDir", join(dist, "public"), "--emptyOutDir"],
  ];
  const builds = [["--import", "tsx", "build.ts", dist], page].map((args) =>
    execute(process.execPath, args, options),
  );
  const end = (): void => {
    for (const { child } of builds) child.kill();
  };
  // Ctrl-C in a terminal reaches them too; a signal to the command alone does not.
  process.once("exit", end);
  try {
    await Promise.all(builds);
  } finally {
    end();
    process.off("exit", end);
  }
}

function digestOf(workload: string): string {
  const hash = createHash("sha256");
  const paths = sources
    .flatMap((source) =>
      readdirSync(join(workload, source), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    )
    .concat(files.map((file) => join(workload, file)));
  for (const path of paths.sort())
    hash.update(`${path.slice(workload.length)}\n`).update(readFileSync(path));
  return hash.digest("hex").slice(0, 12);
}
