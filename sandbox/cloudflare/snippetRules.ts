import { z } from "zod";
import type { Kind, Operation } from "../cloud/kind";
import { checkExpression } from "../edge/language/checkExpression";
import { CloudflareError } from "./errors";
import { snippetType } from "./snippet";
import { inZone, planOf, zoneOf } from "./zone";

const text = z.string().optional();

const inputs = z.object({
  zoneId: z.string(),
  rules: z.array(
    z.strictObject({
      expression: z.string(),
      snippetName: z.string(),
      enabled: z.boolean().optional(),
      ...{ description: text, id: text, lastUpdated: text },
    }),
  ),
});
type Inputs = z.infer<typeof inputs>;

/** Which requests meet which snippet: one list a zone, written as a whole. */
export const snippetRules: Kind = {
  type: "cloudflare:index/snippetRules:SnippetRules",
  inputs,
  immutable: ["zoneId"],
  references: [
    inZone,
    { input: "rules[].snippetName", type: snippetType, property: "snippetName" },
  ],
  unique: [["zoneId"]],
  conflict: ({ zoneId }) => `the zone ${String(zoneId)} has its list of snippet rules already`,
  idStyle: ({ zoneId }) => String(zoneId),
  refuse,
};

function refuse({ cloud: { world }, inputs: given }: Operation): void {
  const { zoneId, rules } = given as Inputs;
  const { spec } = planOf(world, zoneOf(world, given));
  for (const [index, { snippetName, expression }] of rules.entries()) {
    const isHere = world
      .all(snippetType)
      .some((one) => one.inputs["zoneId"] === zoneId && one.inputs["snippetName"] === snippetName);
    if (!isHere || rules.findIndex((one) => one.snippetName === snippetName) !== index) {
      throw new CloudflareError(
        undefined,
        isHere
          ? `the snippet ${snippetName} has a rule already: each snippet can only be associated with one`
          : `there is no snippet ${snippetName} in the zone`,
        `/rules/${index}/snippet_name`,
      );
    }
    const fault = checkExpression(expression, "http_request_snippets", { plan: spec });
    if (fault === undefined) continue;
    throw new CloudflareError(
      undefined,
      `'${expression}' is not a valid value for expression because the expression is invalid: ${fault}`,
      `/rules/${index}/expression`,
    );
  }
}
