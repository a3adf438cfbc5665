import { existsSync } from "node:fs";
import { runningCloud, type CloudClient } from "../cloud/client";
import { ensureCloud } from "../cloud/ensure";
import type { Fault } from "../cloud/faults";
import { resolveEngine } from "../engine";
import { placesIn, type Places } from "../places";
import { alone } from "./alone";
import { makeDirectory, markDirectory, requireDirectory, rootOf } from "./directory";
import { edgeSettings, hasEdge, keepEdgeSettings, liveStack, onPlan } from "./edge";
import { SandboxEngine, type Outcome } from "./engine";
import { keyOf } from "./exported";
import { writeProject } from "./project";
import { namesImage, pushApp, releaseApp } from "./release";
import { repair } from "./repair";
import { requireGood, requireStack, requireStackName, requireUnprotected } from "./requirements";
import { empty, removeEmptied, reset } from "./reset";
import { sandboxConfig } from "./stackConfig";
import { removeStackFiles, sshKeys, writeStack } from "./stackFiles";
import { readState, stacksIn } from "./state";
import { survey, type Survey } from "./survey";
import { beginRun, endRun, unfinishedRun } from "./unfinished";

/** Stacks that the sandbox can bring up. */
export const sandboxTiers = ["small", "medium", "large", "edge"] as const;
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

/** What a command works with, while no other does. */
interface Open {
  readonly engine: SandboxEngine;
  readonly cloud: CloudClient;
}

/** The real engine on the embedded cloud: what `drops sandbox …` does. */
export class Sandbox {
  readonly places: Places;
  private readonly say: (line: string) => void;

  /** @throws UsageError where the directory is no sandbox's, and cannot become one. */
  constructor({ directory, say }: SandboxOptions) {
    this.places = placesIn(rootOf(directory));
    requireDirectory(this.places.root);
    this.say = say;
  }

  /** Brings a stack up with the app in it; for a tier with a domain, the edge after it. */
  async up(given: StackChoice, faults: readonly Fault[] = []): Promise<Outcome> {
    const choice = onPlan(this.places, given);
    requireGood(this.places, choice);
    const { tier, stack } = choice;
    return await this.alone(`up ${stack}`, async (open) => {
      await this.prepare(open, choice);
      // Where a release is an image, it is there before the stack that names it.
      if (!namesImage(choice.set)) await pushApp(open.cloud, this.places, tier, this.say);
      // Raised below, under the faults, which are not for its repair.
      await this.repair(open, "edge");
      return await this.faulty(open, faults, async () => {
        if ((await this.apply(open, choice)) === "failed") return "failed";
        if (tier === "edge") {
          keepEdgeSettings(this.places, given.set);
          return "done";
        }
        if (tier === "small") {
          const released = await releaseApp(open.cloud, this.places, stack, this.say);
          if (released === "failed") return "failed";
        }
        return await this.raiseEdge(open, choice);
      });
    });
  }

  async preview(given: StackChoice): Promise<Outcome> {
    const choice = onPlan(this.places, given);
    requireGood(this.places, choice);
    return await this.alone(`preview ${choice.stack}`, async (open) => {
      await this.prepare(open, choice);
      return await open.engine.show(["preview", "--diff", "--stack", choice.stack]);
    });
  }

  /** Compares the state with what the cloud has, and takes over what differs. */
  async refresh(stack: string, faults: readonly Fault[] = []): Promise<Outcome> {
    requireStack(this.places, stack);
    return await this.alone(`refresh ${stack}`, async (open) => {
      await this.repair(open, stack);
      return await this.faulty(open, faults, () => this.run(open, stack, "refresh"));
    });
  }

  /**
   * Deletes a stack with everything in it, the edge that points at it first. What is protected is
   * refused unless `unprotect`. With the last stack the sandbox itself goes.
   */
  async destroy(
    stack: string,
    options: { readonly unprotect: boolean; readonly faults: readonly Fault[] },
  ): Promise<Outcome> {
    requireStackName(stack);
    // One that was killed may have deleted all of the stack, and not the rest of its work.
    if (!unfinishedRun(this.places, stack)) requireStack(this.places, stack);
    const live = stack !== "edge" && liveStack(this.places) === stack;
    const stacks = live ? ["edge", stack] : [stack];
    if (!options.unprotect) requireUnprotected(this.places, stacks);
    const outcome = await this.alone(`destroy ${stack}`, async (open) => {
      for (const one of stacks) {
        if ((await this.destroyOne(open, one, options)) === "failed") return "failed";
        if (one !== stack) endRun(this.places, one);
      }
      if (stacksIn(this.places).length === 0) {
        await empty(this.places);
      } else {
        endRun(this.places, stack);
        await this.tellKept(stack);
      }
      return "done";
    });
    if (outcome === "done" && stacksIn(this.places).length === 0) removeEmptied(this.places);
    return outcome;
  }

  /** Ends every process of the sandbox and deletes all of its files, whatever state they are in. */
  async reset(): Promise<void> {
    await reset(this.places, this.say);
  }

  /** The stack's outputs; secrets only where they are asked for. */
  async outputs(stack: string, showSecrets: boolean): Promise<Outcome> {
    requireStack(this.places, stack);
    const found = await resolveEngine({ onProgress: this.say });
    const secrets = showSecrets ? ["--show-secrets"] : [];
    const args = ["stack", "output", "--json", ...secrets, "--stack", stack];
    return await new SandboxEngine(found, this.places).show(args);
  }

  /** The cloud where it runs: to look is no reason to start it. */
  async running(): Promise<CloudClient | undefined> {
    return existsSync(this.places.root) ? await runningCloud(this.places) : undefined;
  }

  /** What there is and what runs of it. */
  async status(): Promise<Survey> {
    return await survey(this.places, await this.running());
  }

  /** A directory of its own, no other command, an engine, the cloud: then the work. */
  private async alone(doing: string, work: (open: Open) => Promise<Outcome>): Promise<Outcome> {
    makeDirectory(this.places.root);
    return await alone(this.places, doing, this.say, async () => {
      // A reset may have ended in between.
      markDirectory(this.places.root);
      const found = await resolveEngine({ onProgress: this.say });
      const cloud = await ensureCloud(this.places, this.say);
      // Those of a command that was killed.
      await cloud.setFaults([]);
      writeProject(this.places, cloud.address);
      return await work({ engine: new SandboxEngine(found, this.places), cloud });
    });
  }

  private async prepare(open: Open, { tier, stack, set }: StackChoice): Promise<void> {
    const config = sandboxConfig(stack, tier, set, sshKeys(this.places, stack));
    await writeStack(open.engine, this.places, stack, config);
    await this.repair(open, stack);
  }

  private async repair(open: Open, stack: string): Promise<void> {
    await repair({ ...open, places: this.places, say: this.say, stack });
  }

  private async destroyOne(
    open: Open,
    stack: string,
    { unprotect, faults }: Parameters<Sandbox["destroy"]>[1],
  ): Promise<Outcome> {
    await this.repair(open, stack);
    if (readState(this.places, stack)) {
      if (unprotect) {
        await open.cloud.liftGuards(stack);
        await open.engine.required(["state", "unprotect", "--all", "--yes", "--stack", stack]);
      }
      const destroy = (): Promise<Outcome> => this.run(open, stack, "destroy", "--remove");
      if ((await this.faulty(open, faults, destroy)) === "failed") return "failed";
    }
    if (stack === "edge") keepEdgeSettings(this.places, []);
    removeStackFiles(this.places, stack);
    return "done";
  }

  private async apply(open: Open, { stack }: StackChoice): Promise<Outcome> {
    return await this.run(open, stack, "up", "--suppress-outputs");
  }

  /** A run of the engine that changes a stack; until it ends well it counts as unfinished. */
  private async run(
    { engine, cloud }: Open,
    stack: string,
    verb: string,
    ...more: readonly string[]
  ): Promise<Outcome> {
    const before = (await cloud.settled(stack)).map(keyOf);
    const goesWithAnother = (readState(this.places, stack)?.resources ?? [])
      .filter(({ deletedWith = "" }) => deletedWith !== "")
      .map(keyOf);
    beginRun(this.places, stack, { verb, before, goesWithAnother });
    const args = [verb, "--yes", "--skip-preview", ...more, "--stack", stack];
    const outcome = await engine.show(args);
    if (outcome === "done" && verb !== "destroy") endRun(this.places, stack);
    return outcome;
  }

  /** The edge points at the first stack that came up; moving it on is a change of its `live`. */
  private async raiseEdge(open: Open, { tier, stack, set }: StackChoice): Promise<Outcome> {
    if (!hasEdge(sandboxConfig(stack, tier, set, sshKeys(this.places, stack)))) return "done";
    const live = liveStack(this.places) ?? stack;
    if (live !== stack) {
      this.say(
        `stack edge points at ${live}; to move it: drops sandbox up edge --set live=${stack}`,
      );
      return "done";
    }
    const edge = onPlan(this.places, {
      ...({ tier: "edge", stack: "edge" } as const),
      set: [...edgeSettings(this.places), `live=${stack}`],
    });
    await this.prepare(open, edge);
    return await this.apply(open, edge);
  }

  /** Faults hold for the work alone, not for what mends the stack before it. */
  private async faulty(
    { cloud }: Open,
    faults: readonly Fault[],
    work: () => Promise<Outcome>,
  ): Promise<Outcome> {
    await cloud.setFaults(faults);
    try {
      return await work();
    } finally {
      // It may be one of the faults that the cloud died.
      await cloud.setFaults([]).catch(() => undefined);
    }
  }

  private async tellKept(stack: string): Promise<void> {
    const { facts } = await this.status();
    const names = facts.kept.filter((one) => one.stack === stack).map(({ id }) => id);
    if (names.length > 0) {
      this.say(
        `kept on purpose, as in a real account: ${names.join(", ")}; it goes with the last stack`,
      );
    }
  }
}
