import { isDeepStrictEqual } from "node:util";
import type { RegisteredResource } from "../../report/compose";
import { secretText, unknownText } from "../../report/values";
import { aws } from "../../sandbox/aws";
import { cloudflare } from "../../sandbox/cloudflare";
import type { Kind } from "../../sandbox/cloud/kind";
import { command } from "../../sandbox/command";
import { digitalocean } from "../../sandbox/digitalocean";
import { isRecord } from "../../sandbox/isRecord";
import type { EngineView } from "./registered";

const kinds = new Map<string, Kind>(
  [digitalocean, aws, cloudflare, command].flatMap(({ kinds: own }) =>
    own.map((kind) => [kind.type, kind] as const),
  ),
);

/** What the settings of the provider of AWS add to what the program says. */
const ofProvider: readonly string[] = ["region", "tagsAll"];

const options = [
  ...(["type", "name", "parent", "protect", "retainOnDelete"] as const),
  ...(["dependsOn", "ignoreChanges", "replacementTrigger"] as const),
];

/**
 * Where a composition and the engine disagree, a line each. What the engine may know beyond the
 * composition is only what a provider's check adds before anything exists: its defaults, and the
 * names that it makes up.
 */
export function differences(
  composed: readonly RegisteredResource[],
  engine: readonly EngineView[],
): readonly string[] {
  const registered = new Map(engine.map((view) => [view.urn, view]));
  const known = new Set(composed.map(({ urn }) => urn));
  const madeUp = new Set(composed.flatMap((resource) => madeUpName(resource, registered)));
  return [
    ...[...registered.keys()].filter((urn) => !known.has(urn)).map((urn) => `only engine: ${urn}`),
    ...composed.flatMap((resource) => {
      const view = registered.get(resource.urn);
      if (!view) return [`only composed: ${resource.urn}`];
      return [...ofOptions(resource, view), ...ofInputs(resource, view, madeUp)];
    }),
  ];
}

function ofOptions(ours: RegisteredResource, theirs: EngineView): readonly string[] {
  return options
    .filter((option) => !isDeepStrictEqual(ours[option], theirs[option]))
    .map((option) => line(`${ours.name}: ${option}`, ours[option], theirs[option]));
}

function ofInputs(
  { type, name, inputs }: RegisteredResource,
  view: EngineView,
  madeUp: ReadonlySet<unknown>,
): readonly string[] {
  const { defaults = {}, autoName } = kinds.get(type) ?? {};
  const names = new Set([...Object.keys(inputs), ...Object.keys(view.inputs)]);
  return [...names]
    .filter((key) => {
      const theirs = view.inputs[key];
      if (inputs[key] !== undefined) return !agree(inputs[key], theirs, madeUp);
      if (type.startsWith("aws:") && ofProvider.includes(key)) return false;
      return key === autoName ? !madeUp.has(theirs) : !isDeepStrictEqual(defaults[key], theirs);
    })
    .map((key) => line(`${name}.${key}`, inputs[key], view.inputs[key]));
}

function agree(ours: unknown, theirs: unknown, madeUp: ReadonlySet<unknown>): boolean {
  if (isDeepStrictEqual(ours, theirs)) return true;
  // A name is made up before its resource exists.
  if (ours === unknownText) return madeUp.has(theirs);
  // Of a text with a part left open (`report/foretold.ts`) the engine knows nothing at all.
  if (typeof ours === "string" && ours.includes(unknownText)) return theirs === unknownText;
  if (Array.isArray(ours)) {
    // A list with a secret in it is a secret as a whole once a provider has checked it.
    if (theirs === secretText) return holdsSecret(ours);
    return Array.isArray(theirs) && agreeAll(fieldsOf(ours), fieldsOf(theirs), madeUp);
  }
  return isRecord(ours) && isRecord(theirs) && agreeAll(ours, theirs, madeUp);
}

function agreeAll(ours: Fields, theirs: Fields, madeUp: ReadonlySet<unknown>): boolean {
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...keys].every((key) => agree(ours[key], theirs[key], madeUp));
}

/** The name that the provider gave a resource of which the program said none. */
function madeUpName(
  { type, name, urn, inputs }: RegisteredResource,
  registered: ReadonlyMap<string, EngineView>,
): readonly unknown[] {
  const autoName = kinds.get(type)?.autoName;
  if (autoName === undefined || inputs[autoName] !== undefined) return [];
  const given = registered.get(urn)?.inputs[autoName];
  return typeof given === "string" && given.startsWith(`${name}-`) ? [given] : [];
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (list: readonly unknown[]): Fields => Object.fromEntries(list.entries());

const holdsSecret = (value: unknown): boolean => JSON.stringify(value).includes(secretText);

const line = (what: string, ours: unknown, theirs: unknown): string =>
  `${what}: composed ${JSON.stringify(ours)}, engine ${JSON.stringify(theirs)}`;
