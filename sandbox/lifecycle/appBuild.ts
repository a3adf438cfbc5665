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
import { accountRegistry } from "../apps/images";
import { checkout, type Places } from "../places";

const execute = promisify(execFile);

/** What a build of the app depends on. */
const sources = ["server", "web", "migrations"];
const files = ["build.ts", "package.json", "database-indexes.sql"];
const workload = join(checkout, "workload");

/** A build of the reference app. */
export interface AppBuild {
  /** Holds dist/. */
  readonly directory: string;
  readonly version: string;
}

/** Where a tier's image is pushed; a server takes no image. */
const repositories: Readonly<Record<string, string>> = {
  medium: `${accountRegistry}/drops`,
  large: "ghcr.io/sandbox/drops",
};

/**
 * The image that the reference app is in a tier, as its source is now; `builtApp` is what is in it.
 * Undefined where a release is none.
 */
export function imageOf(tier: string): string | undefined {
  const repository = repositories[tier];
  return repository && `${repository}@sha256:${digestOf(workload)}`;
}

/** Directory and version of the app as its source is now. */
export async function builtApp(places: Places, say: (line: string) => void): Promise<AppBuild> {
  const version = digestOf(workload).slice(0, 12);
  const directory = join(places.releases, version);
  if (existsSync(directory)) return { directory, version };
  say("building the reference app");
  const partial = newPartial(places, version);
  await build(join(partial, "dist"));
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

async function build(dist: string): Promise<void> {
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

/** 64 hexadecimal digits. */
function digestOf(directory: string): string {
  const hash = createHash("sha256");
  const paths = sources
    .flatMap((source) =>
      readdirSync(join(directory, source), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    )
    .concat(files.map((file) => join(directory, file)));
  for (const path of paths.sort())
    hash.update(`${path.slice(directory.length)}\n`).update(readFileSync(path));
  return hash.digest("hex");
}
