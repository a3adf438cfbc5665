import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import { appName } from "../../settings/names";
import { withOverride, type Override } from "../overrides";

/** What ECS tells of a service in events alone, and alarms count. */
export const serviceEvents = ["deploy-failed", "task-failed"] as const;
export type ServiceEvent = (typeof serviceEvents)[number];

export interface ServiceEventsSpec {
  readonly stack: string;
  readonly clusterName: string;
  readonly services: readonly {
    /** Logical name of the service: "web". */
    readonly key: string;
    readonly serviceName: string;
  }[];
  /** Days for which the events are kept; one of CloudWatch's numbers. */
  readonly logRetentionDays: number;
}

export interface ServiceEventsArgs {
  readonly spec: ServiceEventsSpec;
  readonly overrides?: {
    readonly log?: Override<cloudwatch.LogGroupArgs>;
    readonly logPolicy?: Override<cloudwatch.LogResourcePolicyArgs>;
    readonly rule?: Override<cloudwatch.EventRuleArgs>;
    readonly target?: Override<cloudwatch.EventTargetArgs>;
  };
}

/** Physical name of the rule that takes such events of a service; alarms look at its count. */
export function eventRuleName(stack: string, service: string, event: ServiceEvent): string {
  return `${appName(stack)}-${service}-${event}`;
}

/** The pattern of such events, for one service. */
export function eventPattern(
  event: ServiceEvent,
  cluster: string,
  service: string,
): Readonly<Record<string, unknown>> {
  if (event === "deploy-failed") {
    return {
      source: ["aws.ecs"],
      "detail-type": ["ECS Deployment State Change"],
      resources: [{ suffix: `:service/${cluster}/${service}` }],
      detail: { eventName: ["SERVICE_DEPLOYMENT_FAILED"] },
    };
  }
  return {
    source: ["aws.ecs"],
    "detail-type": ["ECS Task State Change"],
    detail: {
      clusterArn: [{ suffix: `:cluster/${cluster}` }],
      group: [`service:${service}`],
      lastStatus: ["STOPPED"],
      // Not a task that a deploy or scaling sent home: one that ended, could not begin, or was ill.
      $or: [
        { stopCode: ["EssentialContainerExited", "TaskFailedToStart"] },
        { stoppedReason: [{ prefix: "Task failed" }] },
      ],
    },
  };
}

/**
 * What ECS forgets within an hour: failed deploys and the ends of tasks, with their reasons, in a log.
 * Each rule counts what it takes, so that alarms need nothing else.
 */
export class ServiceEvents extends pulumi.ComponentResource {
  readonly logGroupName: string;

  constructor(name: string, args: ServiceEventsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:alarms:ServiceEvents", name, {}, opts);
    const { spec, overrides = {} } = args;
    const parent = { parent: this };
    // EventBridge writes to groups below this name only.
    this.logGroupName = `/aws/events/${appName(spec.stack)}`;
    const log = new cloudwatch.LogGroup(
      `${name}-log`,
      withOverride<cloudwatch.LogGroupArgs>(
        { name: this.logGroupName, retentionInDays: spec.logRetentionDays },
        overrides.log,
      ),
      parent,
    );
    const policy = new cloudwatch.LogResourcePolicy(
      `${name}-log-policy`,
      withOverride<cloudwatch.LogResourcePolicyArgs>(
        {
          policyName: `${appName(spec.stack)}-events`,
          policyDocument: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
              {
                Sid: "EventBridgeWritesEvents",
                Effect: "Allow",
                Principal: { Service: ["events.amazonaws.com", "delivery.logs.amazonaws.com"] },
                Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                Resource: pulumi.interpolate`${log.arn}:*`,
              },
            ],
          }),
        },
        overrides.logPolicy,
      ),
      parent,
    );
    for (const { key, serviceName } of spec.services) {
      for (const event of serviceEvents) {
        const rule = new cloudwatch.EventRule(
          `${name}-${key}-${event}`,
          withOverride<cloudwatch.EventRuleArgs>(
            {
              name: eventRuleName(spec.stack, key, event),
              description: descriptions[event],
              eventPattern: JSON.stringify(eventPattern(event, spec.clusterName, serviceName)),
            },
            overrides.rule,
          ),
          parent,
        );
        new cloudwatch.EventTarget(
          `${name}-${key}-${event}-target`,
          withOverride<cloudwatch.EventTargetArgs>(
            { rule: rule.name, targetId: "log", arn: log.arn },
            overrides.target,
          ),
          { parent: this, dependsOn: [policy] },
        );
      }
    }
    this.registerOutputs({ logGroupName: this.logGroupName });
  }
}

const descriptions: Readonly<Record<ServiceEvent, string>> = {
  "deploy-failed": "Deploys of the service that were given up",
  "task-failed":
    "Tasks of the service that ended by themselves, or were ended because they were ill",
};
