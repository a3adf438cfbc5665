import type { AwsKind } from "../awsKind";
import { budget } from "./budget";
import { compositeAlarm } from "./compositeAlarm";
import { dashboard } from "./dashboard";
import { eventRule, eventTarget } from "./events";
import { logMetricFilter, logResourcePolicy } from "./logFilters";
import { metricAlarm } from "./metricAlarm";
import { slackChannelConfiguration } from "./slackChannel";
import { topic, topicPolicy, topicSubscription } from "./topics";

/** What watches, and who is told: all of it recorded alone. */
export const monitoringKinds: readonly AwsKind[] = [
  ...[topic, topicPolicy, topicSubscription, slackChannelConfiguration],
  ...[metricAlarm, compositeAlarm, dashboard, eventRule, eventTarget],
  ...[logMetricFilter, logResourcePolicy, budget],
];
