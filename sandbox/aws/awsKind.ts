import type { Kind, Values } from "../cloud/kind";
import { regionCode, tags } from "./shapes";

/** How the provider and its client library name what a type asks of AWS. */
export interface ApiWords {
  /** As the provider names the thing, e.g. "ECS Service". */
  readonly noun: string;
  /** The service as the client library names it, e.g. "ECS". */
  readonly sdk: string;
  /** Operations, e.g. "CreateService". */
  readonly create: string;
  /** @default "Modify" or "Update" in the place of "Create" */
  readonly update?: string;
  /** @default "Delete" in the place of "Create" */
  readonly delete?: string;
  /**
   * What stands in brackets while it is created, for who has a name then; later it is the id.
   * @default the input "name"; undefined: nothing
   */
  readonly named?: (inputs: Values) => string | undefined;
  /**
   * The client library has no types for the service's errors, so that it says "api error CODE".
   * @default false
   */
  readonly plainErrors?: boolean;
  /**
   * Codes of what the framework refuses: 404 for a reference to nothing, 409 for a name that is taken
   * and for what is still in use, 422 for too many.
   */
  readonly codes?: Readonly<Partial<Record<404 | 409 | 422, string>>>;
}

/** A type of AWS. */
export interface AwsKind extends Kind {
  readonly api: ApiWords;
}

/** What is written about a type; `regional` or `global` adds the rest. */
export interface AwsKindSpec extends AwsKind {
  /** Whether it takes tags. @default true */
  readonly tagged?: boolean;
}

/** A type that lives in a region: it has the input `region`, whose change replaces it. */
export function regional({ tagged = true, ...kind }: AwsKindSpec): AwsKind {
  const inputs = kind.inputs.extend({ region: regionCode, ...(tagged && { tags }) });
  return named({ ...kind, inputs, immutable: [...kind.immutable, "region"] });
}

/** A type of a service without regions (IAM, CloudFront, Route 53). */
export function global({ tagged = true, ...kind }: AwsKindSpec): AwsKind {
  return named({ ...kind, inputs: tagged ? kind.inputs.extend({ tags }) : kind.inputs });
}

/** Where the program has chosen the name, two cannot exist at once: the old one goes first. */
function named(kind: AwsKind): AwsKind {
  const { autoName, deleteBeforeReplace } = kind;
  if (autoName === undefined || deleteBeforeReplace !== undefined) return kind;
  return {
    ...kind,
    deleteBeforeReplace: (inputs, logicalName) =>
      !isAutomatic(String(inputs[autoName]), logicalName),
  };
}

const isAutomatic = (name: string, logicalName: string): boolean =>
  name.startsWith(`${logicalName}-`) && /^[0-9a-f]{7}$/.test(name.slice(logicalName.length + 1));

const has = (kind: Kind, input: string): boolean => Object.hasOwn(kind.inputs.shape, input);

/** What the provider's own settings give a resource: its region, and the tags that all have. */
export function completed(kind: Kind, given: Values, { region, defaultTags }: Values) {
  const own = { ...tagsIn(defaultTags), ...(given["tags"] as Values | undefined) };
  return {
    inputs: has(kind, "region") && region !== undefined ? { region } : {},
    beside: has(kind, "tags") && Object.keys(own).length > 0 ? { tagsAll: own } : {},
  };
}

/** The engine hands over what is no text as JSON. */
function tagsIn(defaultTags: unknown): Values {
  const given = (
    typeof defaultTags === "string" ? JSON.parse(defaultTags) : (defaultTags ?? {})
  ) as { readonly tags?: Values };
  return given.tags ?? {};
}
