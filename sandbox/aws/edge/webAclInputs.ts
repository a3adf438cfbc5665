import { z } from "zod";
import { wafLimits } from "../../../prices/aws";
import { arn, filled } from "../shapes";

/*
 * Inputs of web ACLs: the statements that the edge here can evaluate, and managed groups. Others
 * (countries, labels, expressions, bodies) are refused, so that no rule is silently not there.
 */

const none = z.strictObject({});
const fallback = z.enum(["MATCH", "NO_MATCH"]);

const response = z
  .strictObject({
    customResponse: z
      .strictObject({
        responseCode: z.int().min(200).max(599),
        customResponseBodyKey: filled.optional(),
        responseHeaders: z.array(z.strictObject({ name: filled, value: filled })).optional(),
      })
      .optional(),
  })
  .optional();
export type BlockInputs = z.infer<typeof response>;

const forwardedIp = z.strictObject({ headerName: filled, fallbackBehavior: fallback });

const ipSetReference = z.strictObject({
  arn: arn("wafv2"),
  ipSetForwardedIpConfig: forwardedIp
    .extend({ position: z.enum(["FIRST", "LAST", "ANY"]) })
    .optional(),
});

const byteMatch = z.strictObject({
  searchString: z.string().min(1).max(200),
  positionalConstraint: z.enum([
    ...["EXACTLY", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "CONTAINS_WORD"],
  ] as const),
  fieldToMatch: z.strictObject({
    uriPath: none.optional(),
    queryString: none.optional(),
    method: none.optional(),
    singleHeader: z.strictObject({ name: filled }).optional(),
  }),
  textTransformations: z
    .array(z.strictObject({ priority: z.int().min(0), type: z.enum(["NONE", "LOWERCASE"]) }))
    .min(1),
});

const managedGroup = z.strictObject({
  vendorName: filled,
  name: filled,
  version: filled.optional(),
  ruleActionOverrides: z
    .array(
      z.strictObject({
        name: filled,
        actionToUse: z.strictObject({
          allow: none.optional(),
          block: none.optional(),
          captcha: none.optional(),
          challenge: none.optional(),
          count: none.optional(),
        }),
      }),
    )
    .max(100)
    .optional(),
});

export interface StatementInputs {
  readonly notStatement?: { readonly statement: StatementInputs } | undefined;
  readonly andStatement?: { readonly statements: readonly StatementInputs[] } | undefined;
  readonly orStatement?: { readonly statements: readonly StatementInputs[] } | undefined;
  readonly ipSetReferenceStatement?: z.infer<typeof ipSetReference> | undefined;
  readonly byteMatchStatement?: z.infer<typeof byteMatch> | undefined;
  readonly rateBasedStatement?: RateInputs | undefined;
  readonly managedRuleGroupStatement?: z.infer<typeof managedGroup> | undefined;
}

const customKey = z.strictObject({
  ip: none.optional(),
  forwardedIp: none.optional(),
  httpMethod: none.optional(),
  header: z
    .strictObject({
      name: filled,
      textTransformations: z
        .array(z.strictObject({ priority: z.int().min(0), type: z.literal("NONE") }))
        .min(1),
    })
    .optional(),
});

interface RateInputs {
  readonly limit: number;
  readonly aggregateKeyType?: (typeof wafLimits.aggregateKeyTypes)[number] | undefined;
  readonly evaluationWindowSec?: number | undefined;
  readonly forwardedIpConfig?: z.infer<typeof forwardedIp> | undefined;
  readonly customKeys?: z.infer<typeof customKey>[] | undefined;
  readonly scopeDownStatement?: StatementInputs | undefined;
}

const nested: z.ZodType<StatementInputs> = z.lazy(() => z.strictObject(plainStatements));
const several = z.strictObject({ statements: z.array(nested).min(2) });

/** Those that may stand inside others. */
const plainStatements = {
  notStatement: z.strictObject({ statement: nested }).optional(),
  andStatement: several.optional(),
  orStatement: several.optional(),
  ipSetReferenceStatement: ipSetReference.optional(),
  byteMatchStatement: byteMatch.optional(),
};

const { low, high } = wafLimits.rateLimit;

const rateBased = z.strictObject({
  limit: z.int().min(low).max(high),
  aggregateKeyType: z.enum(wafLimits.aggregateKeyTypes).optional(),
  evaluationWindowSec: z
    .int()
    .refine((window) => (wafLimits.rateWindowSeconds as readonly number[]).includes(window), {
      error: () => `one of ${wafLimits.rateWindowSeconds.join(", ")}`,
    })
    .optional(),
  forwardedIpConfig: forwardedIp.optional(),
  customKeys: z.array(customKey).min(1).max(5).optional(),
  scopeDownStatement: nested.optional(),
});

const visibilityConfig = z.strictObject({
  cloudwatchMetricsEnabled: z.boolean(),
  metricName: z
    .string()
    .regex(/^[\w-]{1,128}$/, "1 to 128 letters, digits, hyphens and underscores")
    .refine((name) => name !== "All" && name !== "Default_Action", "AWS WAF's own name"),
  sampledRequestsEnabled: z.boolean(),
});

const rule = z.strictObject({
  name: z.string().min(1).max(128),
  priority: z.int().min(0),
  action: z
    .strictObject({ allow: none.optional(), block: response, count: none.optional() })
    .optional(),
  overrideAction: z.strictObject({ count: none.optional(), none: none.optional() }).optional(),
  statement: z.strictObject({
    ...plainStatements,
    rateBasedStatement: rateBased.optional(),
    managedRuleGroupStatement: managedGroup.optional(),
  }),
  visibilityConfig,
});
export type RuleInputs = z.infer<typeof rule>;

/** Names of ACLs and sets. */
export const wafName = z.string().regex(/^[\w-]{1,128}$/, "1 to 128 letters, digits, - and _");
export const description = z
  .string()
  .regex(/^[\w+=:#@/\-,. ']{1,256}$/, "1 to 256 letters, digits, spaces and +=:#@/-,.'")
  .optional();

export const webAclInputs = z.object({
  name: wafName.optional(),
  description,
  scope: z.enum(wafLimits.scopes),
  defaultAction: z.strictObject({ allow: none.optional(), block: response }),
  rules: z.array(rule).optional(),
  customResponseBodies: z
    .array(
      z.strictObject({
        key: wafName,
        content: z.string().min(1).max(10_240),
        contentType: z.enum(["TEXT_PLAIN", "TEXT_HTML", "APPLICATION_JSON"]),
      }),
    )
    .optional(),
  visibilityConfig,
});
export type WebAclInputs = z.infer<typeof webAclInputs>;
