import * as pulumi from "@pulumi/pulumi";
import * as state from "@pulumi/pulumi/runtime/state";
import type { ComposedResource } from "../prices/types";
import type { ReadSettings } from "../config";
import type { Composed } from "../stacks";
import { program } from "../stacks/program";
import { engineUrns } from "./engineUrns";
import { foretold, type Foretell } from "./foretold";
import { plainValue, secretOf } from "./values";
import type { StackConfig } from "./stackFile";

/** A stack as the program registered it, without engine, account or network. */
export interface Composition {
  readonly read: ReadSettings;
  readonly composed: Composed;
  readonly resources: readonly RegisteredResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A registration with the options that a reviewer cares for. */
export interface RegisteredResource extends ComposedResource {
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** URNs that must stand before this one is made. */
  readonly dependsOn: readonly string[];
  /** Whether a replacement deletes the old one first. */
  readonly deleteBeforeReplace: boolean;
  /** Inputs whose changes the engine passes over. */
  readonly ignoreChanges: readonly string[];
  /** A value whose change replaces the resource; null where there is none. */
  readonly replacementTrigger: unknown;
}

/** Invokes that the program may make, with what they answer when their arguments are known. */
const allowedInvokes: Readonly<Record<string, (inputs: unknown) => Record<string, unknown>>> = {
  "digitalocean:index/getDatabaseCa:getDatabaseCa": () => ({
    certificate: "-----BEGIN CERTIFICATE-----",
  }),
};

/**
 * Other stacks that the program may ask, by the reference's name, and what they answer here. Known,
 * because the SDK takes a secret that is not known for merely unknown.
 */
const referencedStacks: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  live: { edgeOrigin: { host: "live-origin.example.com", secret: "" } },
  // A preview is one of a first deploy.
  "own-outputs": {},
};

/** Computed outputs of what nobody answers for: none but those of a stack that may be asked. */
function unansweredOf(type: string, name: string): Readonly<Record<string, unknown>> {
  const outputs =
    type === "pulumi:pulumi:StackReference" && Object.hasOwn(referencedStacks, name)
      ? referencedStacks[name]
      : undefined;
  return outputs ? { outputs, secretOutputNames: Object.keys(outputs) } : {};
}

// `withLocalStorage` gives a run its own copy of the SDK's state, as the Automation API's inline
// programs have it: several stacks compose in one process without seeing each other. It is not in
// the published types; the version of the SDK is pinned and a test holds the isolation.
interface StateModule {
  readonly withLocalStorage: <T>(callback: () => Promise<T>) => Promise<T>;
}

/** A program in two steps: the first may refuse, the second registers resources. */
export interface Program<Prepared, Composed extends { readonly outputs: object }> {
  readonly prepare: () => Prepared;
  readonly compose: (prepared: Prepared) => Composed | Promise<Composed>;
}

/** What a program registered. */
export interface Recording<Prepared, Composed> {
  readonly prepared: Prepared;
  readonly composed: Composed;
  readonly resources: readonly RegisteredResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * Runs the real program of a stack under Pulumi's mocks, in this process.
 *
 * @throws ConfigProblems where the configuration is refused.
 */
export async function compose(stack: string, config: StackConfig): Promise<Composition> {
  const { prepared, ...recording } = await record(stack, config, program, undefined, foretold);
  return { read: prepared, ...recording };
}

/** What a deploy would answer: a resource's id and its computed outputs. */
export type Answer = (
  type: string,
  name: string,
) => { readonly id: string; readonly outputs: Readonly<Record<string, unknown>> };

/**
 * Runs any program as a stack's, in its own copy of the SDK's state.
 *
 * @param answer Makes it a deploy instead of a preview: ids and computed outputs are then known.
 * @param foretell What a preview knows of computed outputs. @default nothing, as the engine's
 */
export function record<Prepared, Composed extends { readonly outputs: object }>(
  stack: string,
  config: StackConfig,
  { prepare, compose: run }: Program<Prepared, Composed>,
  answer?: Answer,
  foretell?: Foretell,
): Promise<Recording<Prepared, Composed>> {
  const { withLocalStorage } = state as unknown as StateModule;
  return withLocalStorage(async () => {
    const recorder = await recordRegistrations(stack, answer, foretell);
    pulumi.runtime.setAllConfig({ ...config.values }, [...config.secretKeys]);
    const prepared = prepare();
    let composed: Composed | undefined;
    await pulumi.runtime.runInPulumiStack(async () => {
      composed = await run(prepared);
      return composed.outputs;
    });
    // The program returns before its registrations do.
    await pulumi.runtime.disconnect();
    if (composed === undefined) throw new Error(`the program of stack ${stack} did not run`);
    return { prepared, composed, resources: recorder.resources, outputs: recorder.outputs() };
  });
}

/** What the SDK sends to the engine, as far as it is read here. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDependenciesList(): string[];
  getDeletebeforereplace(): boolean;
  getIgnorechangesList(): string[];
  getReplacementTrigger(): { toJavaScript(): unknown } | undefined;
  getObject(): { toJavaScript(): Record<string, unknown> };
  getAdditionalsecretoutputsList(): string[];
}
interface RegisterResponse {
  getUrn(): string;
  getObject(): unknown;
  setObject(value: unknown): void;
}
interface Monitor {
  registerResource(
    request: RegisterRequest,
    done: (error: unknown, response?: RegisterResponse) => void,
  ): Promise<void>;
  registerResourceOutputs(
    request: { getUrn(): string; getOutputs(): { toJavaScript(): Record<string, unknown> } },
    done: (error: unknown, response?: unknown) => void,
  ): void;
}

async function recordRegistrations(
  stack: string,
  answer: Answer | undefined,
  foretell: Foretell | undefined,
) {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const given = inputs as Record<string, unknown>;
        // Without an answer both stay unknown, as in the engine's own preview.
        const { id, outputs } = answer?.(type, name) ?? {
          id: "",
          outputs: { ...unansweredOf(type, name), ...foretell?.(type, name, given) },
        };
        return { id, state: { ...given, ...outputs } };
      },
      call: ({ token, inputs }) => {
        const answer = allowedInvokes[token];
        if (answer === undefined)
          throw new Error(`invoke of ${token} is not on the list of allowed invokes`);
        return answer(inputs);
      },
    },
    "drops",
    stack,
    answer === undefined,
    // What a backend without organizations calls it.
    "organization",
  );
  const monitor = (pulumi.runtime as unknown as { getMonitor(): Monitor }).getMonitor();
  const resources: RegisteredResource[] = [];
  const engineUrn = engineUrns();
  let stackOutputs: Record<string, unknown> = {};

  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, done) =>
    register(request, (error, response) => {
      if (response !== undefined) {
        resources.push({
          type: request.getType(),
          name: request.getName(),
          parent: engineUrn(request.getParent()),
          urn: engineUrn(response.getUrn(), request.getParent()),
          protect: request.getProtect(),
          retainOnDelete: request.getRetainondelete(),
          dependsOn: request
            .getDependenciesList()
            .map((urn) => engineUrn(urn))
            .sort(),
          deleteBeforeReplace: request.getDeletebeforereplace(),
          ignoreChanges: request.getIgnorechangesList(),
          replacementTrigger: plainValue(request.getReplacementTrigger()?.toJavaScript() ?? null),
          inputs: plainValue(request.getObject().toJavaScript()) as Record<string, unknown>,
        });
        markSecretOutputs(response, request.getAdditionalsecretoutputsList());
      }
      done(error, response);
    });
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request, done) => {
    if (request.getUrn().includes("::pulumi:pulumi:Stack::")) {
      stackOutputs = plainValue(request.getOutputs().toJavaScript()) as Record<string, unknown>;
    }
    registerOutputs(request, done);
  };
  return { resources, outputs: () => stackOutputs };
}

/** What the provider declares secret is a secret whose value is not known yet, not merely unknown. */
function markSecretOutputs(response: RegisterResponse, names: readonly string[]): void {
  if (names.length === 0) return;
  const object = response.getObject() as {
    toJavaScript(): Record<string, unknown>;
    constructor: { fromJavaScript(value: unknown): unknown };
  };
  const state = object.toJavaScript();
  for (const name of names) state[name] = secretOf(state[name]);
  response.setObject(object.constructor.fromJavaScript(state));
}
