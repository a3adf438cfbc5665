import { rateLimitFields } from "../../components/cdn/rateLimitFacts";
import type { Kind, Operation } from "../cloud/kind";
import { checkExpression } from "../edge/language/checkExpression";
import { followedPhases } from "../edge/rules/ruleReader";
import { CloudflareError } from "./errors";
import { refusePlan } from "./rulesetPlan";
import { rulesetInputs, type Rule, type RulesetInputs } from "./rulesetInputs";
import { inZone, planOf, zoneOf } from "./zone";

const rulesetType = "cloudflare:index/ruleset:Ruleset";

export const ruleset: Kind = {
  type: rulesetType,
  inputs: rulesetInputs,
  immutable: ["accountId", "zoneId", "kind", "phase"],
  references: [inZone],
  idStyle: "hex",
  recorded: ({ phase }) =>
    followedPhases.some((followed) => followed === phase)
      ? undefined
      : "the edge does not follow the rules of this phase",
  refuse,
  create: () => ({ outputs: { version: "1", lastUpdated: new Date().toISOString() } }),
  update: ({ before }) => ({
    outputs: {
      version: String(Number(before.outputs["version"] ?? 0) + 1),
      lastUpdated: new Date().toISOString(),
    },
  }),
};

function refuse({ cloud: { world }, id, inputs }: Operation): void {
  const given = inputs as RulesetInputs;
  const { zoneId, kind, phase, rules = [] } = given;
  if (zoneId === undefined || kind !== "zone") {
    throw new CloudflareError(
      undefined,
      `the embedded cloud has the rulesets of zones (kind "zone" with a zoneId) alone, got kind "${kind}"`,
      "/kind",
    );
  }
  const other = world
    .all(rulesetType)
    .find(
      (one) => one.id !== id && one.inputs["zoneId"] === zoneId && one.inputs["phase"] === phase,
    );
  if (other) {
    throw new CloudflareError(
      20217,
      `'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase ${phase}`,
      "/kind",
    );
  }
  const plan = planOf(world, zoneOf(world, given));
  refusePlan(given, plan);
  for (const [index, rule] of rules.entries()) {
    for (const { pointer, text, result } of expressionsOf(rule)) {
      const fault = checkExpression(text, phase, {
        result,
        plan: { ...plan.spec, rateLimitFields: rateLimitFields[plan.id] },
      });
      if (fault === undefined) continue;
      throw new CloudflareError(
        undefined,
        `'${text}' is not a valid value for expression because the expression is invalid: ${fault}`,
        `/rules/${index}${pointer}`,
      );
    }
  }
}

interface Found {
  readonly pointer: string;
  readonly text: string;
  readonly result: "Boolean" | "String";
}

/** Everything in a rule that is written in the rules language. */
function expressionsOf({ expression, actionParameters }: Rule): readonly Found[] {
  const { fromValue, headers = {}, uri } = actionParameters ?? {};
  const texts: readonly (readonly [string, string | undefined])[] = [
    ["/action_parameters/from_value/target_url/expression", fromValue?.targetUrl.expression],
    ["/action_parameters/uri/path/expression", uri?.path?.expression],
    ["/action_parameters/uri/query/expression", uri?.query?.expression],
    ...Object.entries(headers).map(
      ([name, header]) =>
        [`/action_parameters/headers/${name}/expression`, header.expression] as const,
    ),
  ];
  return [
    { pointer: "/expression", text: expression, result: "Boolean" },
    ...texts.flatMap(([pointer, text]): Found[] =>
      text === undefined ? [] : [{ pointer, text, result: "String" }],
    ),
  ];
}
