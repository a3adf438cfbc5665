import { z } from "zod";
import type { CheckFailure, Made, Values } from "../../cloud/kind";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { accountId, arn, arnOf, flag, partsOfArn, regionOf } from "../shapes";
import { jsonObject, policyDocument, policyProblem } from "./documents";
import { topicType } from "./types";

const topicInputs = z.object({
  name: z
    .string()
    .regex(/^[\w-]{1,256}(\.fifo)?$/, "1 to 256 letters, digits, hyphens and underscores")
    .optional(),
  displayName: z.string().max(100).optional(),
  policy: policyDocument.optional(),
  deliveryPolicy: jsonObject.optional(),
  kmsMasterKeyId: z.string().optional(),
  fifoTopic: flag,
  contentBasedDeduplication: flag,
  signatureVersion: z.int().min(1).max(2).optional(),
  tracingConfig: z.enum(["PassThrough", "Active"]).optional(),
});

export const topic = regional({
  type: topicType,
  inputs: topicInputs,
  immutable: ["name", "fifoTopic"],
  autoName: "name",
  defaults: { fifoTopic: false },
  unique: [["region", "name"]],
  idStyle: (given) => arnOf("sns", regionOf(given), String(given["name"])),
  recorded: "no message is sent",
  api: {
    ...{ noun: "SNS Topic", sdk: "SNS", create: "CreateTopic", update: "SetTopicAttributes" },
    codes: { 409: "InvalidParameter" },
  },
  refuse: ({ inputs }) => {
    const { name, fifoTopic, contentBasedDeduplication } = inputs as z.infer<typeof topicInputs>;
    if ((fifoTopic === true) !== (name?.endsWith(".fifo") === true)) {
      throw invalid("Topic Name: a FIFO topic's name ends in .fifo, and no other's does");
    }
    if (contentBasedDeduplication === true && fifoTopic !== true) {
      throw invalid("Attributes Reason: Content-based deduplication is for FIFO topics");
    }
  },
  create: ({ id, inputs }): Made => ({
    outputs: {
      ...{ arn: id, owner: accountId, beginningArchiveTime: "" },
      policy: inputs["policy"] ?? ownersPolicy(id),
    },
  }),
});

const invalid = (message: string) =>
  new AwsError("InvalidParameter", `Invalid parameter: ${message}`);

/** What a topic allows that states nothing: its owner, everything. */
const ownersPolicy = (topicArn: string): string =>
  JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: ["SNS:Publish", "SNS:Subscribe"],
        Resource: topicArn,
        Condition: { StringEquals: { "AWS:SourceOwner": accountId } },
      },
    ],
  });

const onTopic = { type: topicType, property: "arn", onDelete: "cascade" } as const;

export const topicPolicy = regional({
  type: "aws:sns/topicPolicy:TopicPolicy",
  tagged: false,
  inputs: z.object({ arn: arn("sns"), policy: policyDocument }),
  immutable: ["arn"],
  references: [{ input: "arn", ...onTopic }],
  unique: [["arn"]],
  conflict: () => "Invalid parameter: the topic has a policy of another resource already",
  idStyle: (given) => String(given["arn"]),
  recorded: "nobody publishes, so nobody is kept from it",
  api: {
    ...{ noun: "SNS Topic Policy", sdk: "SNS", create: "SetTopicAttributes" },
    ...{ update: "SetTopicAttributes", delete: "SetTopicAttributes" },
    codes: { 404: "NotFound", 409: "InvalidParameter" },
  },
  refuse: ({ inputs }) => {
    requireSameRegion(inputs, String(inputs["arn"]));
    const problem = policyProblem(inputs["policy"], String(inputs["arn"]));
    if (problem !== undefined) throw invalid(`Policy Error: ${problem}`);
  },
  create: () => ({ outputs: { owner: accountId } }),
});

const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** What an endpoint looks like, by the protocol. */
const endpoints: Readonly<Record<Protocol, { readonly pattern: RegExp; readonly what: string }>> = {
  email: { pattern: email, what: "an address of mail" },
  "email-json": { pattern: email, what: "an address of mail" },
  http: { pattern: /^http:\/\/[^\s/]+/, what: "a URL that begins with http://" },
  https: { pattern: /^https:\/\/[^\s/]+/, what: "a URL that begins with https://" },
  sms: { pattern: /^\+?\d{6,15}$/, what: "a telephone number" },
  sqs: { pattern: /^arn:aws:sqs:/, what: "an ARN of sqs" },
  lambda: { pattern: /^arn:aws:lambda:/, what: "an ARN of lambda" },
  firehose: { pattern: /^arn:aws:firehose:/, what: "an ARN of firehose" },
  application: { pattern: /^arn:aws:sns:/, what: "an ARN of an application's endpoint" },
};
const protocols = [
  ...["application", "email", "email-json", "firehose", "http", "https"],
  ...["lambda", "sms", "sqs"],
] as const;
type Protocol =
  "application" | "email" | "email-json" | "firehose" | "http" | "https" | "lambda" | "sms" | "sqs";

/** Whoever is subscribed by these has to agree first. */
const confirmed: readonly string[] = ["email", "email-json", "http", "https"];

const subscriptionInputs = z.object({
  topic: arn("sns"),
  protocol: z.enum(protocols as readonly [Protocol, ...Protocol[]]),
  endpoint: z.string().min(1),
  endpointAutoConfirms: flag,
  confirmationTimeoutInMinutes: z.int().optional(),
  rawMessageDelivery: flag,
  deliveryPolicy: jsonObject.optional(),
  filterPolicy: jsonObject.optional(),
  filterPolicyScope: z.enum(["MessageAttributes", "MessageBody"]).optional(),
  redrivePolicy: jsonObject.optional(),
  subscriptionRoleArn: arn("iam").optional(),
});
type Subscription = z.infer<typeof subscriptionInputs>;

export const topicSubscription = regional({
  type: "aws:sns/topicSubscription:TopicSubscription",
  tagged: false,
  inputs: subscriptionInputs,
  // A webhook's address lets whoever knows it speak there.
  sensitive: ["endpoint"],
  immutable: ["topic", "protocol", "endpoint"],
  defaults: {
    confirmationTimeoutInMinutes: 1,
    endpointAutoConfirms: false,
    rawMessageDelivery: false,
  },
  references: [{ input: "topic", ...onTopic }],
  idStyle: (given, cloud) => `${String(given["topic"])}:${cloud.newId("uuid")}`,
  recorded: ({ protocol }) =>
    confirmed.includes(String(protocol))
      ? "nobody is asked to confirm, and no message is sent"
      : "no message is sent",
  api: {
    ...{ noun: "SNS Topic Subscription", sdk: "SNS", create: "Subscribe", delete: "Unsubscribe" },
    ...{ update: "SetSubscriptionAttributes", named: () => undefined },
    codes: { 404: "NotFound" },
  },
  check: (given) => subscriptionProblems(given as Subscription),
  refuse: ({ inputs }) => {
    const given = inputs as Subscription;
    requireSameRegion(inputs, given.topic);
    if (!endpoints[given.protocol].pattern.test(given.endpoint)) {
      // The address itself may be a secret.
      throw invalid(`Endpoint: ${given.protocol} takes ${endpoints[given.protocol].what}`);
    }
    if (given.topic.endsWith(".fifo") && given.protocol !== "sqs") {
      throw invalid(`Protocol: a FIFO topic takes sqs, got ${given.protocol}`);
    }
    if (given.rawMessageDelivery === true && confirmed.slice(0, 2).includes(given.protocol)) {
      throw invalid(`Attributes Reason: raw messages are not for ${given.protocol}`);
    }
  },
  create: ({ id, inputs }): Made => {
    const { protocol, endpointAutoConfirms, filterPolicy, filterPolicyScope } =
      inputs as Subscription;
    return {
      outputs: {
        ...{ arn: id, ownerId: accountId, confirmationWasAuthenticated: false },
        pendingConfirmation: confirmed.includes(protocol) && endpointAutoConfirms !== true,
        ...(filterPolicy !== undefined && {
          filterPolicyScope: filterPolicyScope ?? "MessageAttributes",
        }),
      },
    };
  },
});

function subscriptionProblems(given: Subscription): readonly CheckFailure[] {
  const { protocol, subscriptionRoleArn, endpointAutoConfirms } = given;
  return [
    ...(protocol === "firehose" && subscriptionRoleArn === undefined
      ? [{ property: "subscriptionRoleArn", reason: "firehose needs a role" }]
      : []),
    ...(endpointAutoConfirms === true && !["http", "https"].includes(protocol)
      ? [{ property: "endpointAutoConfirms", reason: `not for ${protocol}` }]
      : []),
  ];
}

/** Topics are asked in their own region alone. */
function requireSameRegion(inputs: Values, topicArn: string): void {
  const { region } = partsOfArn(topicArn);
  if (region === regionOf(inputs)) return;
  throw invalid(`TopicArn: ${topicArn} is in ${region}, asked was ${regionOf(inputs)}`);
}
