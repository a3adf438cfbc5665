import { z } from "zod";
import { costCategories, stackKinds } from "../tiers/types";
import { ruleIds, severities } from "../tiers/thresholds";

const usd = z.number().describe("USD a month");
const rule = z.enum(ruleIds);
const severity = z.enum(severities);
const range = z.tuple([z.number(), z.number()]);

const resource = z.strictObject({
  type: z.string().describe("Pulumi type token"),
  name: z.string().describe("logical name"),
  parent: z.string().describe("URN of the parent; empty for a stack"),
  urn: z.string().describe("URN as the engine writes it"),
  inputs: z
    .record(z.string(), z.unknown())
    .describe(
      'inputs; "[secret]" hides a secret, "[unknown]", alone or in a text, is known after a deploy',
    ),
  protect: z.boolean(),
  retainOnDelete: z.boolean(),
  dependsOn: z.array(z.string()).describe("URNs that must stand first"),
  deleteBeforeReplace: z.boolean(),
  ignoreChanges: z.array(z.string()).describe("inputs whose changes are passed over"),
  replacementTrigger: z.unknown().describe("a value whose change replaces the resource"),
});

const costLine = z.strictObject({
  resource: z.string(),
  kind: z.enum(["base", "usage"]).describe("usage follows the tier's stated load"),
  category: z.enum(costCategories),
  sku: z.string(),
  quantity: z.number(),
  unit: z.string(),
  unitPrice: z.number().describe("USD per unit"),
  monthly: usd,
  atMost: z
    .strictObject({ quantity: z.number(), monthly: usd })
    .optional()
    .describe("where autoscaling moves it: what it comes to at the most"),
  source: z.string(),
  asOf: z.iso.date(),
  verified: z.boolean().describe("false: the provider's own page could not be read"),
});

const cost = z.strictObject({
  currency: z.literal("USD"),
  monthly: usd,
  lines: z.array(costLine),
  unpriced: z.array(z.strictObject({ resource: z.string(), type: z.string(), reason: z.string() })),
  byCategory: z.record(z.enum(costCategories), usd),
  seed: z
    .strictObject({ total: range, headline: range })
    .describe("the scaling document's ranges, USD a month")
    .optional(),
  withinTotal: z.boolean().nullable().describe("null: not all is priced").optional(),
  target: usd.optional(),
  withinTarget: z.boolean().nullable().describe("null: not all is priced").optional(),
});

const alarm = z.strictObject({
  id: z.string().describe("<rule>-<severity>-<target>"),
  rule,
  severity,
  target: z.string(),
  title: z.string(),
  metric: z.string(),
  comparison: z.enum([">", "<"]),
  threshold: z.number(),
  unit: z.string(),
  windowSeconds: z.number(),
  missingData: z
    .array(z.enum(["breaching", "not-breaching", "ignore"]))
    .min(1)
    .describe("what silence means to those that evaluate it; ignore leaves the alarm as it is"),
  description: z.string(),
  runbook: z.string(),
  resources: z.array(z.strictObject({ type: z.string(), name: z.string() })).min(1),
});

const onePreview = z.strictObject({
  tier: z.enum(stackKinds),
  stack: z.string(),
  resources: z.array(resource),
  outputs: z.record(z.string(), z.unknown()),
  cost,
  alarms: z.array(alarm),
  coverage: z.strictObject({
    uncovered: z.array(z.strictObject({ rule, severity, target: z.string(), reason: z.string() })),
  }),
  policy: z.strictObject({
    violations: z.array(
      z.strictObject({
        rule: z.string(),
        resource: z.string(),
        message: z.string(),
        level: z.enum(["advisory", "warning", "mandatory"]),
      }),
    ),
  }),
  toReplace: z
    .array(
      z.strictObject({ key: z.string(), got: z.string(), allowed: z.string(), fix: z.string() }),
    )
    .describe("example values that a deploy refuses"),
  unverified: z
    .array(z.strictObject({ subject: z.string(), statement: z.string(), source: z.string() }))
    .describe("what the stack relies on, and nobody could read at the provider"),
});

/** What `drops preview --format json` prints: one report, or an array of several. */
export const previewSchema = z.union([onePreview, z.array(onePreview)]);
