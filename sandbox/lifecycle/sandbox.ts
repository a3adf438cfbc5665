import { existsSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../../report/stackFile";
import { runningCloud, type CloudClient } from "../cloud/client";
import { ensureCloud, stopCloud } from "../cloud/ensure";
import type { Fault } from "../cloud/faults";
import { resolveEngine } from "../engine";
import { checkout, placesIn, type Places } from "../places";
import { SandboxEngine } from "./engine";
import { writeProject } from "./project";
import { releaseApp } from "./release";
import { repair } from "./repair";
import { siteOf } from "./site";
import { sandboxConfig } from "./stackConfig";
import { sshKeys, writeStack } from "./stackFiles";
import { outputOf, readState, stacksIn } from "./state";
import { statusText, type StackStatus } from "./statusText";

/** Stacks that the sandbox can bring up. */
export const sandboxTiers = ["small", "edge"] as const;
export type SandboxTier = (typeof sandboxTiers)[number];

export interface SandboxOptions {
  /** Where the sandbox keeps everything. @default ".sandbox" in the checkout */
  readonly directory?: string;
  readonly say: (line: string) => void;
}

export interface StackChoice {
  readonly tier: SandboxTier;
  /** @default the tier's name */
  readonly stack: string;
  readonly set: readonly string[];
}

/** What a command on a stack ended with: the engine's own refusals and failures are "failed". */
export type Outcome = "done" | "failed";

/** The real engine on the embedded cloud: what `drops sandbox …` does. */
export class Sandbox {
  readonly places: Places;
  private readonly say: (line: string) => void;

  constructor({ directory, say }: SandboxOptions) {
    this.places = placesIn(resolve(directory ?? `${checkout}/.sandbox`));
    this.say = say;
  }

  /** Brings a stack up with the app in it; for a tier with a domain, the edge before it. */
  async up(choice: StackChoice, faults: readonly Fault[] = []): Promise<Outcome> {
    const { engine, cloud } = await this.open();
    await cloud.setFaults(faults);
    try {
      if ((await this.apply(engine, cloud, choice)) === "failed") return "failed";
      if (choice.tier === "edge") return "done";
      const released = await releaseApp(cloud, this.places, choice.stack, this.say);
      if (released === "failed") return "failed";
      return await this.raiseEdge(engine, cloud, choice);
    } finally {
      await cloud.setFaults([]).catch(() => undefined);
    }
  }

  async preview(choice: StackChoice): Promise<Outcome> {
    const { engine, cloud } = await this.open();
    await this.prepare(engine, cloud, choice);
    return outcome(await engine.show(["preview", "--diff", "--stack", choice.stack]));
  }

  /** Compares the state with what the cloud has, and takes over what differs. */
  async refresh(stack: string, faults: readonly Fault[] = []): Promise<Outcome> {
    const { engine, cloud } = await this.open();
    this.requireStack(stack);
    await repair(engine, this.repairOf(cloud, stack));
    await cloud.setFaults(faults);
    try {
      const args = ["refresh", "--yes", "--skip-preview", "--stack", stack];
      return outcome(await engine.show(args));
    } finally {
      await cloud.setFaults([]).catch(() => undefined);
    }
  }

  /**
   * Deletes a stack with everything in it, the edge that points at it first. What is protected is
   * refused unless `unprotect`. With the last stack the sandbox itself goes.
   */
  async destroy(
    stack: string,
    options: { readonly unprotect: boolean; readonly faults: readonly Fault[] },
  ): Promise<Outcome> {
    this.requireStack(stack);
    const stacks = [...this.edgesOf(stack), stack];
    if (!options.unprotect) this.requireUnprotected(stacks);
    const { engine, cloud } = await this.open();
    await cloud.setFaults(options.faults);
    try {
      for (const one of stacks) {
        await repair(engine, this.repairOf(cloud, one));
        if (options.unprotect) {
          await engine.ask(["state", "unprotect", "--all", "--yes", "--stack", one]);
        }
        const args = ["destroy", "--yes", "--skip-preview", "--remove", "--stack", one];
        if (outcome(await engine.show(args)) === "failed") return "failed";
      }
    } finally {
      await cloud.setFaults([]).catch(() => undefined);
    }
    if (stacksIn(this.places).length === 0) await this.reset();
    return "done";
  }

  /** Ends every process of the sandbox and deletes all of its files, whatever state they are in. */
  async reset(): Promise<void> {
    if (!existsSync(this.places.root)) return;
    // Started once more where it died: it knows what it left running.
    const cloud = await ensureCloud(this.places, () => undefined).catch(() => undefined);
    if (cloud) await stopCloud(this.places);
    rmSync(this.places.root, { recursive: true, force: true });
  }

  /** The stack's outputs; secrets only where they are asked for. */
  async outputs(stack: string, showSecrets: boolean): Promise<Outcome> {
    this.requireStack(stack);
    const { engine } = await this.open();
    const secrets = showSecrets ? ["--show-secrets"] : [];
    return outcome(await engine.show(["stack", "output", "--json", ...secrets, "--stack", stack]));
  }

  /** Undefined: nothing is up. */
  async running(): Promise<CloudClient | undefined> {
    if (!existsSync(this.places.root) || stacksIn(this.places).length === 0) return undefined;
    // To look is no reason to start it anew.
    return (await runningCloud(this.places)) ?? (await ensureCloud(this.places, this.say));
  }

  /** What runs; undefined: nothing is up. */
  async status(): Promise<{ readonly text: string; readonly facts: object } | undefined> {
    const cloud = await this.running();
    if (!cloud) return undefined;
    const stacks: StackStatus[] = [];
    for (const stack of stacksIn(this.places)) {
      const state = readState(this.places, stack);
      const site = await siteOf(cloud, this.places, stack);
      const resources = state?.resources ?? [];
      stacks.push({
        stack,
        ...(site && { url: site.url }),
        resources: resources.filter(({ type }) => !type.startsWith("pulumi:")).length,
        protected: resources.filter(({ protect }) => protect === true).length,
        pending: state?.pending.length ?? 0,
      });
    }
    const status = await cloud.status();
    return { text: statusText(stacks, status), facts: { stacks, ...status } };
  }

  private async open(): Promise<{ engine: SandboxEngine; cloud: CloudClient }> {
    const found = await resolveEngine({ onProgress: this.say });
    const cloud = await ensureCloud(this.places, this.say);
    writeProject(this.places, cloud.address);
    return { engine: new SandboxEngine(found, this.places), cloud };
  }

  private async prepare(
    engine: SandboxEngine,
    cloud: CloudClient,
    { tier, stack, set }: StackChoice,
  ): Promise<void> {
    const config = sandboxConfig(stack, tier, set, sshKeys(this.places, stack));
    await writeStack(engine, this.places, stack, config);
    await repair(engine, this.repairOf(cloud, stack));
  }

  private async apply(
    engine: SandboxEngine,
    cloud: CloudClient,
    choice: StackChoice,
  ): Promise<Outcome> {
    await this.prepare(engine, cloud, choice);
    const args = ["up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", choice.stack];
    return outcome(await engine.show(args));
  }

  /** The edge points at the first stack that came up; moving it on is a change of its `live`. */
  private async raiseEdge(
    engine: SandboxEngine,
    cloud: CloudClient,
    { tier, stack, set }: StackChoice,
  ): Promise<Outcome> {
    const { values } = sandboxConfig(stack, tier, set, sshKeys(this.places, stack));
    if (values["drops:cloudflare"] === undefined || (values["drops:domain"] ?? "") === "") {
      return "done";
    }
    const live = stacksIn(this.places).includes("edge") ? this.liveStack() : stack;
    if (live !== stack) {
      this.say(
        `stack edge points at ${live}; to move it: drops sandbox up edge --set live=${stack}`,
      );
      return "done";
    }
    return await this.apply(engine, cloud, { tier: "edge", stack: "edge", set: [`live=${stack}`] });
  }

  private repairOf(cloud: CloudClient, stack: string) {
    return { places: this.places, say: this.say, cloud, stack };
  }

  private liveStack(): string {
    return String(outputOf(readState(this.places, "edge"), "live"));
  }

  /** Edges that would point at nothing without this stack. */
  private edgesOf(stack: string): readonly string[] {
    return stack !== "edge" && this.liveStack() === stack ? ["edge"] : [];
  }

  private requireStack(stack: string): void {
    if (readState(this.places, stack)) return;
    const there = stacksIn(this.places);
    throw new UsageError(
      `the sandbox has no stack "${stack}"${there.length > 0 ? `, but ${there.join(", ")}` : ""}: ` +
        `bring it up with \`npx drops sandbox up\``,
    );
  }

  private requireUnprotected(stacks: readonly string[]): void {
    const kept = stacks.flatMap((stack) =>
      (readState(this.places, stack)?.resources ?? []).filter(({ protect }) => protect === true),
    );
    if (kept.length === 0) return;
    const names = kept.map(({ urn }) => urn.split("::").at(-1) ?? urn);
    throw new UsageError(
      `${kept.length} resources are protected (${names.join(", ")}): deleting them loses data. ` +
        "To delete them all the same, say so: --unprotect",
    );
  }
}

/** The engine ends with 0 or not; what was wrong it has said itself. */
function outcome({ status }: { readonly status: number }): Outcome {
  return status === 0 ? "done" : "failed";
}
