import * as budgets from "@pulumi/aws/budgets";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

/** Addresses that one notification of a budget takes, beside one topic. */
const mostBudgetEmails = 10;

export interface MonthlyBudgetSpec {
  /** Physical name, unique in the account. */
  readonly name: string;
  /** USD a month that the stack should stay within. */
  readonly usdMonthly: number;
  /** They need not confirm anything. The first 10; more hear of it by the topic alone. */
  readonly emails: readonly string[];
}

export interface MonthlyBudgetArgs {
  readonly spec: MonthlyBudgetSpec;
  /** Told as well: a webhook and a channel hear of it by the topic. */
  readonly topicArn?: pulumi.Input<string> | undefined;
  readonly overrides?: { readonly budget?: Override<budgets.BudgetArgs> };
}

/**
 * Tells when a month's cost is forecast to be beyond its limit, and when it is. It counts the whole
 * account: what bears a tag is counted only once somebody has activated the tag in the billing.
 */
export class MonthlyBudget extends pulumi.ComponentResource {
  constructor(name: string, args: MonthlyBudgetArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:alarms:MonthlyBudget", name, {}, opts);
    const { spec, topicArn } = args;
    const { usdMonthly, emails } = spec;
    const problem = problemOf(args);
    if (problem !== undefined) throw new pulumi.ResourceError(`${name}: ${problem}`, this);
    const leftOut = emails.slice(mostBudgetEmails);
    if (leftOut.length > 0) {
      void pulumi.log.warn(
        `${name}: a budget takes ${mostBudgetEmails} addresses, so ${leftOut.join(", ")} hear of it by the topic alone`,
        this,
      );
    }
    const beyond = (notificationType: "ACTUAL" | "FORECASTED") => ({
      notificationType,
      comparisonOperator: "GREATER_THAN",
      threshold: 100,
      thresholdType: "PERCENTAGE",
      ...(emails.length > 0 && { subscriberEmailAddresses: emails.slice(0, mostBudgetEmails) }),
      ...(topicArn !== undefined && { subscriberSnsTopicArns: [topicArn] }),
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
  if (emails.length > mostBudgetEmails && topicArn === undefined) {
    return `spec.emails may name ${mostBudgetEmails} addresses where there is no topic, got ${emails.length}`;
  }
  return emails.length === 0 && topicArn === undefined
    ? "a budget that nobody hears of is none: give addresses or a topic"
    : undefined;
}
