/** Types that others of the monitoring name. */
export const topicType = "aws:sns/topic:Topic";
export const metricAlarmType = "aws:cloudwatch/metricAlarm:MetricAlarm";
export const compositeAlarmType = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
export const eventRuleType = "aws:cloudwatch/eventRule:EventRule";
export const logMetricFilterType = "aws:cloudwatch/logMetricFilter:LogMetricFilter";

/** Why no alarm ever goes off here. */
export const noMetrics = "no metric has points on this machine, so nobody is told";
