import { record, type Answer, type RegisteredResource } from "../../../report/compose";

/** What a piece of a program registers and answers, without its components. */
export interface Registered {
  readonly resources: readonly RegisteredResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The one resource with a logical name. */
  readonly named: (name: string) => RegisteredResource;
  /** Type and logical name of each resource, sorted. */
  readonly names: readonly string[];
}

/**
 * Runs a piece of a program under mocks.
 *
 * @param answer Makes it a deploy: ids and computed outputs are then known.
 */
export async function registered(
  body: () => Readonly<Record<string, unknown>> | undefined,
  answer?: Answer,
): Promise<Registered> {
  const program = {
    prepare: () => undefined,
    compose: () => ({ outputs: body() ?? {} }),
  };
  const { resources: all, outputs } = await record(
    "test",
    { values: {}, secretKeys: [] },
    program,
    answer,
  );
  const resources = all.filter(({ type }) => !/^(drops|pulumi):/.test(type));
  return {
    resources,
    outputs,
    named: (name) => {
      const found = resources.filter((resource) => resource.name === name);
      if (found.length !== 1) throw new Error(`${found.length} resources are named ${name}`);
      return found[0] as RegisteredResource;
    },
    names: resources.map(({ type, name }) => `${shortType(type)} ${name}`).sort(),
  };
}

/** The message with which a piece of a program refuses; empty where it does not. */
export async function refusal(body: () => unknown): Promise<string> {
  let message = "";
  await registered(() => {
    try {
      body();
    } catch (error) {
      message = error instanceof Error ? error.message : String(error);
    }
    return undefined;
  });
  return message;
}

/** An AWS deploy's answer: the id is the logical name, the ARN has it at its end. */
export const awsAnswer =
  (
    outputs: (type: string, name: string) => Readonly<Record<string, unknown>> = () => ({}),
  ): Answer =>
  (type, name) => ({
    id: name,
    outputs: { arn: `arn:aws:test:eu-central-1:123456789012:${name}`, ...outputs(type, name) },
  });

/** Names of the resources that must stand before one is made, sorted. */
export const waitsFor = ({ dependsOn }: RegisteredResource): readonly string[] =>
  dependsOn.map((urn) => urn.split("::").at(-1) ?? "").sort();

/** `ec2:Subnet` of `aws:ec2/subnet:Subnet`. */
const shortType = (type: string): string => type.replace(/^aws:(\w+)\/\w+:/, "$1:");
