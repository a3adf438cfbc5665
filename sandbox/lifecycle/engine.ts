import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter } from "node:path";
import type { Engine } from "../engine";
import type { Places } from "../places";
import { noteEngine } from "./engines";
import { Interrupted } from "./interrupted";

/** What a command on a stack ended with: the engine's own refusals and failures are "failed". */
export type Outcome = "done" | "failed";

interface EngineRun {
  /** The engine's, or 128 and the number of the signal that ended it. */
  readonly status: number;
  /** Empty where it went to the terminal. */
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the Pulumi engine on the sandbox's own state, with no account and no other setting. Ctrl-C
 * goes to the engine, which ends in order; the command ends with it, by `Interrupted`.
 */
export class SandboxEngine {
  constructor(
    private readonly engine: Engine,
    private readonly places: Places,
  ) {}

  /** With its output on the terminal: what is wrong it says itself. */
  async show(args: readonly string[]): Promise<Outcome> {
    const { status } = await this.run(args, "inherit");
    return status === 0 ? "done" : "failed";
  }

  /** With its output for the caller; `input` is its standard input. */
  async ask(args: readonly string[], input = ""): Promise<EngineRun> {
    return await this.run(args, "pipe", input);
  }

  /**
   * The same where the command cannot go on without it.
   *
   * @returns its standard output.
   * @throws Error with all of its output where it fails.
   */
  async required(args: readonly string[], input?: string): Promise<string> {
    const { status, stdout, stderr } = await this.ask(args, input);
    if (status === 0) return stdout;
    throw new Error(
      `pulumi ${args.slice(0, 2).join(" ")} ended with ${status}:\n${stdout}${stderr}`,
    );
  }

  private async run(
    args: readonly string[],
    output: "inherit" | "pipe",
    input?: string,
  ): Promise<EngineRun> {
    const child = spawn(this.engine.path, [...args, "--non-interactive"], {
      cwd: this.places.project,
      env: this.environment(),
      stdio: [input === undefined ? "ignore" : "pipe", output, output],
      // The terminal would send Ctrl-C to the engine itself too, and twice means "at once".
      detached: true,
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
    const text = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]?.setEncoding("utf8").on("data", (chunk: string) => {
        text[stream] += chunk;
      });
    }
    let received: NodeJS.Signals | undefined;
    const forward = (signal: NodeJS.Signals): void => {
      received = signal;
      child.kill(signal === "SIGHUP" ? "SIGINT" : signal);
    };
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const signal of signals) process.on(signal, forward);
    const forget = child.pid === undefined ? undefined : noteEngine(this.places, child.pid);
    try {
      const status = await new Promise<number>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code, signal) => {
          resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
        });
      });
      // However it ended, also in good order: the rest of the command is not wanted.
      if (received) throw new Interrupted(received);
      return { status, ...text };
    } finally {
      forget?.();
      for (const signal of signals) process.off(signal, forward);
    }
  }

  private environment(): NodeJS.ProcessEnv {
    const { places, engine } = this;
    // What belongs to a real account stays outside.
    const foreign = /^(PULUMI_|DIGITALOCEAN_|SPACES_|CLOUDFLARE_|AWS_)/;
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !foreign.test(name)),
    );
    return {
      ...inherited,
      ...(engine.languageHostDir !== undefined && {
        PATH: `${engine.languageHostDir}${delimiter}${process.env["PATH"] ?? ""}`,
      }),
      PULUMI_HOME: places.home,
      // Without notes beside the files, which are not written at once: whoever reads a stack's outputs
      // while it is being changed, as a stack reads its own, would find half of one (gocloud.dev).
      PULUMI_BACKEND_URL: `file://${places.state}?metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE_FILE: places.passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
  }
}
