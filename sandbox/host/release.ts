import { existsSync, readlinkSync, rmSync, statSync } from "node:fs";
import { cp, readdir, rename, rm } from "node:fs/promises";
import { get } from "node:http";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { paths } from "../../host/paths";
import { runAsApp } from "./asApp";
import { writeAtOnce } from "../files";
import { point } from "./fileSystem";
import { stateDirectory } from "./install";
import { Failed, type Output } from "./outcome";
import type { HostParts } from "./parts";

const KEPT = 5;
/** One could come from a process that is about to die. */
const HEALTHY_ANSWERS = 8;
const ANSWER_MS = 5_000;

/**
 * Releases a version of the app as host/files/release.sh does, with its words: old processes serve
 * until new ones listen, and a version that is not healthy gives way to the one before.
 *
 * @param source Directory with dist/index.js and what it needs, on this machine.
 */
export async function releaseApp(
  host: HostParts,
  source: string,
  version: string,
  output: Output,
): Promise<void> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(version)) {
    refuse("a version is letters, digits, dots, dashes and underscores, 64 at most");
  }
  const { root } = host.place;
  if (!existsSync(`${root}${paths.etc}/app.env.json`)) {
    refuse("no bundle was applied yet (drops-host apply)");
  }
  const release = join(root, "srv/drops/releases", version);
  if (!existsSync(release)) await unpack(host, source, version, output);
  await migrate(host, release, version, output);
  await putIntoUse(host, version, output);
  await tidy(root);
  output.say(`release: ${version} is in use`);
}

function refuse(problem: string): never {
  throw new Failed(`release: ${problem}`);
}

async function unpack(
  host: HostParts,
  source: string,
  version: string,
  output: Output,
): Promise<void> {
  const releases = join(host.place.root, "srv/drops/releases");
  const partial = join(releases, `.partial-${version}`);
  rmSync(partial, { recursive: true, force: true });
  if (!statSync(source, { throwIfNoEntry: false })?.isDirectory()) {
    refuse(`${source} is no directory; archives are taken by a droplet alone`);
  }
  await cp(source, partial, { recursive: true, verbatimSymlinks: true });
  const has = (name: string): boolean => existsSync(join(partial, name));
  if (!has("dist/index.js")) refuse(`dist/index.js is missing in ${source}`);
  if (has("package-lock.json") && !has("node_modules")) {
    const args = ["ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"];
    // npm may be anywhere on the path of whoever started the cloud.
    const npm = { command: "npm", args, cwd: partial, path: process.env["PATH"] };
    if ((await runAsApp(host, npm, output)) !== 0) refuse("npm ci failed");
  }
  await rename(partial, join(releases, version));
}

/** As the schema's owner; the version in use keeps running meanwhile. */
async function migrate(
  host: HostParts,
  release: string,
  version: string,
  output: Output,
): Promise<void> {
  const script = join(release, "dist/migrate.js");
  if (!existsSync(script)) return;
  output.say("release: migrating");
  const args = ["dist/migrate.js"];
  const node = { command: process.execPath, args, cwd: release, owner: true };
  if ((await runAsApp(host, node, output)) !== 0) {
    refuse(`the migration failed, ${version} was not put into use`);
  }
}

async function putIntoUse(host: HostParts, version: string, output: Output): Promise<void> {
  const { root } = host.place;
  const target = `releases/${version}`;
  const before = linkOf(root + paths.current);
  point(root + paths.current, target);
  if (await comesUp(host, output)) {
    if (before !== undefined && before !== target) point(root + paths.previous, before);
    const since = join(root, stateDirectory, "released-at");
    if (!existsSync(since)) writeAtOnce(since, `${Math.floor(Date.now() / 1_000)}\n`, 0o644);
    return;
  }
  if (before === undefined || before === target) {
    refuse(`${version} is not healthy, and there is no other version to go back to`);
  }
  output.complain(`release: ${version} is not healthy, going back to ${basename(before)}`);
  point(root + paths.current, before);
  if (!(await comesUp(host, output))) {
    refuse(`${version} is not healthy, and neither is ${basename(before)}`);
  }
  refuse(`${version} was not healthy; ${basename(before)} is in use again`);
}

async function comesUp({ app, place, timing }: HostParts, output: Output): Promise<boolean> {
  try {
    if (app.isActive) await app.reload();
    else await app.restart();
  } catch (error) {
    output.complain(error instanceof Error ? error.message : String(error));
    return false;
  }
  const deadline = Date.now() + timing.healthSeconds * 1_000;
  for (let row = 0; Date.now() < deadline;) {
    row = (await isHealthy(place.ports.app)) ? row + 1 : 0;
    if (row >= HEALTHY_ANSWERS) return true;
    await sleep(timing.healthPauseMs);
  }
  return false;
}

function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const call = get(
      { host: "127.0.0.1", port, path: "/healthz", agent: false, timeout: ANSWER_MS },
      (answer) => {
        answer.resume();
        resolve((answer.statusCode ?? 500) < 400);
      },
    );
    call.on("timeout", () => {
      call.destroy();
    });
    call.on("error", () => {
      resolve(false);
    });
  });
}

/** Keeps the newest few, and whatever a link points at. */
async function tidy(root: string): Promise<void> {
  const releases = join(root, "srv/drops/releases");
  const inUse = [paths.current, paths.previous].map((link) => basename(linkOf(root + link) ?? ""));
  const newestFirst = (await readdir(releases))
    .map((name) => ({ name, at: statSync(join(releases, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { name } of newestFirst.slice(KEPT)) {
    if (!inUse.includes(name)) await rm(join(releases, name), { recursive: true });
  }
}

/** Version of the app that a server's root has in use. */
export function releaseInUse(root: string): string | undefined {
  const link = linkOf(root + paths.current);
  return link === undefined ? undefined : basename(link);
}

function linkOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
