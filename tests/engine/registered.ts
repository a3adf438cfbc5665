import type { RegisteredResource } from "../../report/compose";
import { plainValue } from "../../report/values";
import { ensureCloud } from "../../sandbox/cloud/ensure";
import { resolveEngine } from "../../sandbox/engine";
import { makeDirectory } from "../../sandbox/lifecycle/directory";
import { SandboxEngine } from "../../sandbox/lifecycle/engine";
import { writeProject } from "../../sandbox/lifecycle/project";
import { sandboxConfig } from "../../sandbox/lifecycle/stackConfig";
import { sshKeys, writeStack } from "../../sandbox/lifecycle/stackFiles";
import type { SandboxTier } from "../../sandbox/lifecycle/sandbox";
import type { Places } from "../../sandbox/places";

/** A resource as the engine writes it down, as far as a composition knows the same. */
export interface EngineResource {
  readonly urn: string;
  readonly type: string;
  /** Absent before it exists. */
  readonly id?: string;
  readonly parent?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly dependencies?: readonly string[];
  readonly ignoreChanges?: readonly string[];
  readonly replacementTrigger?: unknown;
}

/** A registration in a composition's words; whether a replacement deletes first, no state tells. */
export type EngineView = Omit<RegisteredResource, "deleteBeforeReplace">;

/** How a stack differs from the sandbox's own. */
export interface Changes {
  readonly set?: readonly string[];
  /** Keys that its file shall not have, with all that is below them. */
  readonly without?: readonly string[];
}

/** The real engine on a sandbox, asked for what it registers instead of for what it prints. */
export class AskedEngine {
  private constructor(
    private readonly engine: SandboxEngine,
    private readonly places: Places,
  ) {}

  static async on(places: Places): Promise<AskedEngine> {
    makeDirectory(places.root);
    const found = await resolveEngine({ make: false });
    const cloud = await ensureCloud(places, () => undefined);
    writeProject(places, cloud.address);
    return new AskedEngine(new SandboxEngine(found, places), places);
  }

  /** Writes a stack's file as `drops sandbox` does. */
  async configure(stack: SandboxTier, { set = [], without = [] }: Changes = {}): Promise<void> {
    const { values, secrets } = sandboxConfig(stack, stack, set, sshKeys(this.places, stack));
    const kept = (given: Readonly<Record<string, string>>): Record<string, string> =>
      Object.fromEntries(
        Object.entries(given).filter(
          ([path]) => !without.some((key) => path === key || path.startsWith(`${key}.`)),
        ),
      );
    const config = { values: kept(values), secrets: kept(secrets) };
    await writeStack(this.engine, this.places, stack, config);
  }

  /** What a preview of a stack that is not there would create. */
  async previewed(stack: SandboxTier): Promise<readonly EngineResource[]> {
    const { steps } = JSON.parse(await this.ask("preview", "--json", "--stack", stack)) as {
      readonly steps: readonly { readonly newState: EngineResource }[];
    };
    return steps.map(({ newState }) => newState).filter(isOfTheProgram);
  }

  /** Brings a stack up; what is in its state then, with secrets in plain beside their mark. */
  async deployed(stack: SandboxTier): Promise<readonly EngineResource[]> {
    await this.ask("up", "--yes", "--skip-preview", "--stack", stack);
    const { deployment } = JSON.parse(
      await this.ask("stack", "export", "--show-secrets", "--stack", stack),
    ) as { readonly deployment: { readonly resources: readonly EngineResource[] } };
    return deployment.resources.filter(isOfTheProgram);
  }

  private async ask(...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.engine.ask(args);
    if (status === 0) return stdout;
    throw new Error(`pulumi ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  }
}

/** The engine makes the providers itself for a program that names none. */
const isOfTheProgram = ({ type }: EngineResource): boolean => !type.startsWith("pulumi:providers:");

export function viewOf(resource: EngineResource): EngineView {
  return {
    type: resource.type,
    name: resource.urn.split("::").at(-1) ?? "",
    parent: resource.parent ?? "",
    urn: resource.urn,
    protect: resource.protect ?? false,
    retainOnDelete: resource.retainOnDelete ?? false,
    dependsOn: [...(resource.dependencies ?? [])].sort(),
    ignoreChanges: resource.ignoreChanges ?? [],
    replacementTrigger: plainValue(resource.replacementTrigger ?? null),
    inputs: plainValue(resource.inputs ?? {}) as Record<string, unknown>,
  };
}

/** Values of a state whose secrets are shown, without the marks. */
export function unsealed(values: EngineResource["outputs"] = {}): Record<string, unknown> {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== "object" || value === null) return value;
    const { plaintext, ...rest } = value as Record<string, unknown>;
    if (typeof plaintext === "string") return visit(JSON.parse(plaintext));
    return Object.fromEntries(Object.entries(rest).map(([key, child]) => [key, visit(child)]));
  };
  return visit(values) as Record<string, unknown>;
}
