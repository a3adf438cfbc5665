import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../host/paths";
import { recordSuffix, removeRecord, writeRecord } from "../services/processRecord";
import { systemEnvironment } from "./ecosystem";
import type { Output } from "./outcome";
import type { HostParts } from "./parts";
import { relocatedEnvironment } from "./relocation";
import { secretOf } from "./settings";

/**
 * Runs a program to its end with the app's environment, as lib/as-app does; what it writes goes into
 * the output.
 *
 * @returns its exit status; a signal counts as 128.
 */
export async function runAsApp(
  host: HostParts,
  program: {
    readonly command: string;
    readonly args: readonly string[];
    readonly cwd: string;
    /** Adds MIGRATION_DATABASE_URL, the schema's owner. */
    readonly owner?: boolean;
    /** Directories in which it finds other programs. @default those of a droplet */
    readonly path?: string | undefined;
  },
  output: Output,
): Promise<number> {
  const { root } = host.place;
  const file = readFileSync(`${root}${paths.etc}/app.env.json`, "utf8");
  const environment = JSON.parse(file) as Readonly<Record<string, string>>;
  const owner = program.owner ? secretOf(root, "database-owner-url") : undefined;
  const child = spawn(program.command, program.args, {
    cwd: program.cwd,
    env: {
      LANG: "C.UTF-8",
      ...relocatedEnvironment(environment, host.place),
      ...systemEnvironment(root),
      ...(program.path !== undefined && { PATH: program.path }),
      ...(owner !== undefined && { MIGRATION_DATABASE_URL: owner }),
    },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, which is ended as a whole.
    detached: true,
  });
  // For the next cloud, should this one be killed meanwhile.
  const record = join(host.directory, `verb${recordSuffix}`);
  if (child.pid !== undefined) {
    writeRecord(record, { name: program.command, pid: child.pid, signals: ["SIGTERM"] });
  }
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const status = await new Promise<number>((resolve) => {
    child.once("error", (error) => {
      output.complain(`${program.command}: ${error.message}`);
      resolve(127);
    });
    child.once("close", (code) => {
      resolve(code ?? 128);
    });
  });
  removeRecord(record);
  return status;
}
