import { z } from "zod";
import { global } from "../awsKind";
import { AwsError } from "../refusal";
import { accountId, arn, filled, flag } from "../shapes";
import { topicType } from "./types";

/** Of one budget, and of one notification (quotas of Budgets). */
const limits = { notifications: 5, emails: 10, topics: 1, nameLength: 100 };

const amount = z.string().regex(/^\d+(\.\d+)?$/, "a number as text");
const timestamp = z.string().regex(/^\d{4}-\d\d-\d\d_\d\d:\d\d$/, "such as 2026-01-01_00:00");

const notification = z.strictObject({
  comparisonOperator: z.enum(["GREATER_THAN", "LESS_THAN", "EQUAL_TO"]),
  notificationType: z.enum(["ACTUAL", "FORECASTED"]),
  threshold: z.number().positive(),
  thresholdType: z.enum(["PERCENTAGE", "ABSOLUTE_VALUE"]),
  subscriberEmailAddresses: z.array(z.email()).max(limits.emails).optional(),
  subscriberSnsTopicArns: z.array(arn("sns")).max(limits.topics).optional(),
});

const filterNames = [
  ...(["AZ", "BillingEntity", "CostCategory", "InstanceType", "InvoicingEntity"] as const),
  ...(["LegalEntityName", "LinkedAccount", "Operation", "PurchaseType", "Region"] as const),
  ...(["Service", "TagKeyValue", "UsageType", "UsageTypeGroup"] as const),
] as const;

const costTypes = z.strictObject({
  ...{ includeCredit: flag, includeDiscount: flag, includeOtherSubscription: flag },
  ...{ includeRecurring: flag, includeRefund: flag, includeSubscription: flag },
  ...{ includeSupport: flag, includeTax: flag, includeUpfront: flag },
  ...{ useAmortized: flag, useBlended: flag },
});

const inputs = z.object({
  name: z
    .string()
    .min(1)
    .max(limits.nameLength)
    .refine((name) => !/[:\\]/.test(name), "without : and \\")
    .optional(),
  accountId: z.literal(accountId).optional(),
  budgetType: z.enum(["COST", "USAGE"]),
  limitAmount: amount,
  limitUnit: filled,
  timeUnit: z.enum(["DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY"]),
  timePeriodStart: timestamp.optional(),
  timePeriodEnd: timestamp.optional(),
  costFilters: z
    .array(z.strictObject({ name: z.enum(filterNames), values: z.array(filled).min(1) }))
    .optional(),
  costTypes: costTypes.optional(),
  notifications: z.array(notification).optional(),
});
type Inputs = z.infer<typeof inputs>;

/** What a month may cost, and who is told. */
export const budget = global({
  type: "aws:budgets/budget:Budget",
  inputs,
  sensitive: ["notifications"],
  immutable: ["name", "accountId"],
  autoName: "name",
  defaults: { timePeriodEnd: "2087-06-15_00:00" },
  unique: [["name"]],
  conflict: ({ name }) => `Error creating budget: ${String(name)} - the budget already exists.`,
  idStyle: ({ name }) => `${accountId}:${String(name)}`,
  recorded: "nothing costs anything here, so nobody is told",
  api: {
    ...{ noun: "Budgets Budget", sdk: "Budgets", create: "CreateBudget" },
    codes: { 409: "DuplicateRecordException" },
  },
  refuse: ({ inputs: given, cloud: { world } }) => {
    const {
      limitAmount,
      limitUnit,
      budgetType,
      costFilters = [],
      notifications = [],
    } = given as Inputs;
    const invalid = (message: string) => new AwsError("InvalidParameterException", message);
    if (Number(limitAmount) <= 0)
      throw invalid(`A budget's limit is more than 0, got ${limitAmount}`);
    if (budgetType === "COST" && limitUnit !== "USD") {
      throw invalid(`A budget of costs is in USD, got ${limitUnit}`);
    }
    const tag = costFilters
      .filter(({ name }) => name === "TagKeyValue")
      .flatMap(({ values }) => values)
      .find((value) => !/^(user|aws):[^$]+\$.*$/.test(value));
    if (tag !== undefined) {
      throw invalid(`Tag filters are written user:KEY$VALUE, got ${tag}`);
    }
    if (notifications.length > limits.notifications) {
      throw new AwsError(
        "CreationLimitExceededException",
        `A budget has ${limits.notifications} notifications at most.`,
      );
    }
    const keys = notifications.map((one) =>
      [one.notificationType, one.comparisonOperator, one.threshold, one.thresholdType].join(" "),
    );
    if (new Set(keys).size < keys.length) {
      throw new AwsError(
        "DuplicateRecordException",
        "Two notifications of the budget are the same.",
      );
    }
    const known = world.all(topicType).map(({ outputs }) => outputs["arn"]);
    for (const { subscriberEmailAddresses = [], subscriberSnsTopicArns = [] } of notifications) {
      if (subscriberEmailAddresses.length + subscriberSnsTopicArns.length === 0) {
        throw invalid("A notification tells at least one address or topic");
      }
      const missing = subscriberSnsTopicArns.find((topic) => !known.includes(topic));
      if (missing !== undefined) throw invalid(`There is no topic ${missing}`);
    }
  },
  create: ({ inputs: given }) => ({
    outputs: {
      arn: `arn:aws:budgets::${accountId}:budget/${String(given["name"])}`,
      accountId,
      timePeriodStart: given["timePeriodStart"] ?? monthStart(),
    },
  }),
});

const monthStart = (): string => `${new Date().toISOString().slice(0, 7)}-01_00:00`;
