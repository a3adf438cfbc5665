import { accessSync, constants, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../host/paths";
import type { CommandResult } from "../contracts";
import { applyBundle } from "./apply";
import { textIn, writeAtOnce } from "../files";
import { installPayload, stateDirectory } from "./install";
import { Failed, Output, Refused } from "./outcome";
import type { HostParts } from "./parts";
import { readPayload } from "./payload";
import { probeSite } from "./probe";
import { releaseApp } from "./release";

const metric = "drops_deploy_failures_since_success";

/**
 * The program that a droplet's user data installs, for one host: what it checks, writes, records and
 * says is what host/files/drops-host does; a test holds the two against each other.
 */
export class DropsHost {
  private isBusy = false;

  constructor(private readonly host: HostParts) {}

  /** @param stdin `{"bundle": …, "secrets": …}` as JSON. */
  async apply(stdin: string): Promise<CommandResult> {
    return await this.locked("apply", (output) => this.applyPayload(stdin, output));
  }

  /** @param source Directory on this machine. */
  async release(source: string, version: string): Promise<CommandResult> {
    return await this.locked("release", (output) =>
      this.run("release", output, () => releaseApp(this.host, source, version, output)),
    );
  }

  /** @param stdin What to probe, one http(s) address. */
  async probe(stdin: string): Promise<CommandResult> {
    return await outcome((output) =>
      this.run("probe", output, () => {
        probeSite(this.root, stdin, output);
        return Promise.resolve();
      }),
    );
  }

  /** What it answers to verbs and arguments that nothing here stands for. */
  async refuse(reason: string): Promise<CommandResult> {
    return await outcome(() => Promise.reject(new Refused(reason)));
  }

  private get root(): string {
    return this.host.place.root;
  }

  private async applyPayload(stdin: string, output: Output): Promise<void> {
    const payload = readPayload(stdin);
    const state = join(this.root, stateDirectory);
    // What changed since the last success: a failed run must not make the next one forget restarts.
    const pending = join(state, "pending-changes");
    const changed = new Set(textIn(pending)?.split("\n").filter(Boolean));
    const keep = (): void => {
      writeAtOnce(
        pending,
        [...changed]
          .sort()
          .map((path) => `${path}\n`)
          .join(""),
        0o600,
      );
    };
    try {
      installPayload(this.root, payload, changed);
    } catch (error) {
      throw new Failed(error instanceof Error ? error.message : String(error));
    } finally {
      keep();
    }
    const count = changed.size;
    const installedAt = join(state, "installed-at");
    if (!existsSync(installedAt)) {
      writeAtOnce(installedAt, `${Math.round(Date.now() / 1_000)}\n`, 0o644);
    }
    await this.run("apply", output, () => applyBundle(this.host, changed, keep, output));
    rmSync(pending, { force: true });
    writeAtOnce(join(state, "version"), `${payload.version}\n`, 0o644);
    output.say(`drops-host: bundle ${payload.version.slice(0, 12)} applied, ${count} changes`);
  }

  /** Does what the bundle's program of that name would do, if the bundle has one. */
  private async run(verb: string, output: Output, work: () => Promise<void>): Promise<void> {
    try {
      accessSync(join(this.root, paths.lib, verb), constants.X_OK);
    } catch {
      throw new Refused(`no such verb: ${verb}`);
    }
    try {
      await work();
    } catch (error) {
      output.complain(error instanceof Error ? error.message : String(error));
      throw new Failed(`${verb} ended with status 1`);
    }
  }

  /** Verbs that change the host: one at a time, and their outcome is a metric. */
  private async locked(
    verb: "apply" | "release",
    work: (output: Output) => Promise<void>,
  ): Promise<CommandResult> {
    if (this.isBusy) {
      return await this.refuse("another drops-host is at work; try again when it is done");
    }
    this.isBusy = true;
    try {
      return await outcome(async (output) => {
        try {
          await work(output);
        } catch (error) {
          if (!(error instanceof Refused)) this.record(verb, true);
          throw error;
        }
        this.record(verb, false);
      });
    } finally {
      this.isBusy = false;
    }
  }

  /** Failures since the last success, for the alarm on failed deploys. */
  private record(kind: "apply" | "release", failed: boolean): void {
    const path = join(this.root, stateDirectory, "deploy-failures.json");
    const before = JSON.parse(textIn(path) ?? "{}") as Readonly<Record<string, number>>;
    const failures: Record<string, number> = { apply: 0, release: 0, ...before };
    failures[kind] = failed ? (failures[kind] ?? 0) + 1 : 0;
    const entries = Object.entries(failures);
    const json = entries.map(([name, count]) => `"${name}": ${count}`).join(", ");
    writeAtOnce(path, `{${json}}`, 0o644);
    const lines = entries.map(([name, count]) => `${metric}{kind="${name}"} ${count}\n`).join("");
    mkdirSync(this.root + paths.textfiles, { recursive: true });
    writeAtOnce(
      `${this.root}${paths.textfiles}/drops_deploy.prom`,
      `# HELP ${metric} Deploys that failed since the last that succeeded.\n# TYPE ${metric} gauge\n${lines}`,
      0o644,
    );
  }
}

/** What a verb prints and how it ends, as SSH carries it. */
async function outcome(work: (output: Output) => Promise<void>): Promise<CommandResult> {
  const output = new Output();
  let status = 0;
  try {
    await work(output);
  } catch (error) {
    const isRefusal = error instanceof Refused;
    if (!isRefusal && !(error instanceof Failed)) throw error;
    output.complain(`drops-host: ${isRefusal ? "refused" : "failed"}: ${error.message}`);
    status = isRefusal ? 2 : 1;
  }
  const { stdout, stderr } = output;
  return { status, stdout, stderr };
}
