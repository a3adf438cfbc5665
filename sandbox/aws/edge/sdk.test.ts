import { expect, it } from "vitest";
import { z } from "zod";
import { differencesFromSdk } from "../../digitalocean/testing/sdkInputs";
import { monitoringKinds } from "../monitoring";
import { edgeKinds } from ".";

/** E.g. "aws:acm/certificate:Certificate" as its file and the interface of its inputs. */
const placeOf = (type: string): readonly [string, string] => {
  const [, file = "", name = ""] = type.split(":");
  return [file, `${name}Args`];
};

it.each([...edgeKinds, ...monitoringKinds])(
  "$type has no input that the SDK lacks, and demands none that it lets out",
  ({ type, inputs, autoName }) => {
    const wrong = differencesFromSdk("@pulumi/aws", ...placeOf(type), inputs).filter(
      // What is missing is refused, so that nothing is silently not done; the provider gives the region.
      (difference) =>
        !/the kind does not have it$|Args\.region: the SDK lets it out/.test(difference),
    );
    const given = wrong.map((text) => text.replace(": the SDK lets it out, the kind does not", ""));
    expect(given).toEqual(demanded[type] ?? []);
    expect(autoName === undefined || Object.hasOwn(inputs.shape, autoName)).toBe(true);
  },
);

/**
 * Demanded though the SDK lets them out: what AWS itself demands, or what stands for an older way
 * that is not taken.
 */
const demanded: Readonly<Record<string, readonly string[]>> = {
  "aws:acm/certificate:Certificate": ["CertificateArgs.domainName"],
  "aws:cloudfront/distribution:Distribution": [
    "DistributionArgs.defaultCacheBehavior.cachePolicyId",
    "DistributionArgs.orderedCacheBehaviors.cachePolicyId",
  ],
  "aws:cloudwatch/metricAlarm:MetricAlarm": [
    "MetricAlarmArgs.comparisonOperator",
    "MetricAlarmArgs.evaluationPeriods",
  ],
  // WAF demands what the generated types let out; statements within statements are not compared.
  "aws:wafv2/webAcl:WebAcl": [
    "WebAclArgs.rules.statement.andStatement.statements",
    "WebAclArgs.rules.statement.byteMatchStatement.fieldToMatch",
    "WebAclArgs.rules.statement.byteMatchStatement.textTransformations",
    "WebAclArgs.rules.statement.managedRuleGroupStatement.ruleActionOverrides.actionToUse",
    "WebAclArgs.rules.statement.notStatement.statement",
    "WebAclArgs.rules.statement.orStatement.statements",
    "WebAclArgs.rules.statement.rateBasedStatement.customKeys.header.textTransformations",
    "WebAclArgs.rules.statement.rateBasedStatement.scopeDownStatement: not an object as wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatement is",
  ],
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": [
    "ResponseHeadersPolicyArgs.corsConfig.accessControlAllowHeaders.items",
    "ResponseHeadersPolicyArgs.corsConfig.accessControlAllowMethods.items",
    "ResponseHeadersPolicyArgs.corsConfig.accessControlAllowOrigins.items",
    "ResponseHeadersPolicyArgs.corsConfig.accessControlExposeHeaders.items",
  ],
  // A document as text, or as an object that is checked as a document.
  "aws:sns/topicPolicy:TopicPolicy": [
    "TopicPolicyArgs.policy: not an object as sns.PolicyDocument is",
  ],
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": [
    "LogResourcePolicyArgs.policyDocument: not an object as cloudwatch.PolicyDocument is",
  ],
  "aws:budgets/budget:Budget": ["BudgetArgs.limitAmount", "BudgetArgs.limitUnit"],
};

it("finds one that the SDK does not have", () => {
  const shape = z.object({ nonsense: z.string() });
  expect(differencesFromSdk("@pulumi/aws", "sns/topicPolicy", "TopicPolicyArgs", shape)).toContain(
    "TopicPolicyArgs.nonsense: the SDK does not have it",
  );
});
