import * as budgets from "@pulumi/aws/budgets";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

/** What one notification of a budget takes. */
export const mostBudgetEmails = 10;

export interface MonthlyBudgetSpec {
  /** Physical name, unique in the account. */
  readonly name: string;
  /** USD a month that the stack should stay within. */
  readonly usdMonthly: number;
  /** They need not confirm anything; 10 at most. */
  readonly emails: readonly string[];
  /**
   * Counts only what bears this tag, once somebody has activated it as a cost allocation tag in the
   * account's billing: until then nothing is counted. @default everything in the account
   */
  readonly costTag?: { readonly key: string; readonly value: string };
}

export interface MonthlyBudgetArgs {
  readonly spec: MonthlyBudgetSpec;
  /** Told instead where no address is given. */
  readonly topicArn?: pulumi.Input<string> | undefined;
  readonly overrides?: { readonly budget?: Override<budgets.BudgetArgs> };
}

/** Tells when a month's cost is forecast to be beyond its limit, and when it is. */
export class MonthlyBudget extends pulumi.ComponentResource {
  constructor(name: string, args: MonthlyBudgetArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:alarms:MonthlyBudget", name, {}, opts);
    const { spec, topicArn } = args;
    const { usdMonthly, emails, costTag } = spec;
    const problem = problemOf(args);
    if (problem !== undefined) throw new pulumi.ResourceError(`${name}: ${problem}`, this);
    const beyond = (notificationType: "ACTUAL" | "FORECASTED") => ({
      notificationType,
      comparisonOperator: "GREATER_THAN",
      threshold: 100,
      thresholdType: "PERCENTAGE",
      ...(emails.length > 0
        ? { subscriberEmailAddresses: [...emails] }
        : topicArn !== undefined && { subscriberSnsTopicArns: [topicArn] }),
    });
    new budgets.Budget(
      `${name}-budget`,
      withOverride<budgets.BudgetArgs>(
        {
          name: spec.name,
          budgetType: "COST",
          timeUnit: "MONTHLY",
          limitAmount: String(usdMonthly),
          limitUnit: "USD",
          notifications: [beyond("FORECASTED"), beyond("ACTUAL")],
          ...(costTag && {
            costFilters: [
              { name: "TagKeyValue", values: [`user:${costTag.key}$${costTag.value}`] },
            ],
          }),
        },
        args.overrides?.budget,
      ),
      { parent: this },
    );
    this.registerOutputs({});
  }
}

function problemOf({ spec, topicArn }: MonthlyBudgetArgs): string | undefined {
  const { usdMonthly, emails } = spec;
  if (!(usdMonthly > 0)) return `spec.usdMonthly must be more than 0 USD, got ${usdMonthly}`;
  if (emails.length > mostBudgetEmails) {
    return `spec.emails may name ${mostBudgetEmails} addresses, got ${emails.length}`;
  }
  return emails.length === 0 && topicArn === undefined
    ? "a budget that nobody hears of is none: give addresses or a topic"
    : undefined;
}
