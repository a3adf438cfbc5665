/**
 * What a rule can be watched on: what answers users, what works for it in the background, where data
 * lies, and a machine that serves the others (the monitoring).
 */
export type TargetKind = "service" | "worker" | "database" | "cache" | "host";
export type Severity = "critical" | "warning";
export const severities: readonly Severity[] = ["critical", "warning"];

export type ThresholdUnit =
  "milliseconds" | "seconds" | "percent" | "days" | "hours" | "count" | "per-second";

/** One limit: it is crossed when the metric compares so for the whole window. */
export interface ThresholdLevel {
  readonly value: number;
  readonly windowSeconds: number;
  /** True where a probe answers yes or no, so that a stack has no number of its own to choose. */
  readonly fixed?: boolean;
}

export interface ThresholdRule {
  readonly title: string;
  /** What is measured, in words that the alarm's text can carry. */
  readonly metric: string;
  readonly unit: ThresholdUnit;
  readonly comparison: ">" | "<";
  readonly critical?: ThresholdLevel;
  readonly warning?: ThresholdLevel;
  /** Kinds of target that the rule holds for; each target of that kind must be watched. */
  readonly appliesTo: readonly TargetKind[];
  /** What silence means: an alarm in its own right, or nothing to report. */
  readonly missingData: "breaching" | "not-breaching";
  /** Why the number is what it is, and where it stands. */
  readonly source: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The document's seven rules. `critical` is its alerting threshold, `warning` the target of its
 * "Key Metrics to Track" or "Success Metrics". The id is a suffix of logical names: keep it for ever.
 */
export const documentRules = {
  "response-time": {
    title: "Response time",
    metric: "time to answer a request",
    unit: "milliseconds",
    comparison: ">",
    critical: { value: 2_000, windowSeconds: 5 * MINUTE },
    warning: { value: 500, windowSeconds: 10 * MINUTE },
    appliesTo: ["service"],
    missingData: "not-breaching",
    source: "Scaling document: alert above 2 seconds; target below 500 ms on average",
  },
  "error-rate": {
    title: "Error rate",
    metric: "share of requests answered with a 5xx status",
    unit: "percent",
    comparison: ">",
    critical: { value: 10, windowSeconds: 5 * MINUTE },
    warning: { value: 5, windowSeconds: 10 * MINUTE },
    appliesTo: ["service"],
    missingData: "not-breaching",
    source: "Scaling document: alert above 10 %; target below 5 % (success metric below 1 %)",
  },
  memory: {
    title: "Memory",
    metric: "memory in use",
    unit: "percent",
    comparison: ">",
    critical: { value: 90, windowSeconds: 5 * MINUTE },
    warning: { value: 80, windowSeconds: 10 * MINUTE },
    appliesTo: ["service", "worker", "database", "cache", "host"],
    missingData: "breaching",
    source: "Scaling document: alert above 90 %; target below 80 % of what is available",
  },
  "db-connections": {
    title: "Database connections",
    metric: "connections in use, of those the database allows",
    unit: "percent",
    comparison: ">",
    critical: { value: 90, windowSeconds: 5 * MINUTE },
    warning: { value: 80, windowSeconds: 10 * MINUTE },
    appliesTo: ["database"],
    missingData: "breaching",
    source: "Scaling document: alert above 90 %; target below 80 % of the pool",
  },
  cpu: {
    title: "CPU",
    metric: "processor time in use",
    unit: "percent",
    comparison: ">",
    warning: { value: 70, windowSeconds: 10 * MINUTE },
    appliesTo: ["service", "worker", "database", "cache", "host"],
    missingData: "breaching",
    source: "Scaling document: target below 70 % on average",
  },
  uptime: {
    title: "Uptime",
    metric: "share of probes that succeed",
    unit: "percent",
    comparison: "<",
    // Below 1 % for two minutes is "down".
    critical: { value: 1, windowSeconds: 2 * MINUTE, fixed: true },
    warning: { value: 99.9, windowSeconds: 30 * DAY },
    appliesTo: ["service", "worker", "database", "cache"],
    missingData: "breaching",
    source: "Scaling document: success metric above 99.9 %; down is critical by nature",
  },
  "db-query-time": {
    title: "Database query time",
    metric: "mean time of a statement",
    unit: "milliseconds",
    comparison: ">",
    warning: { value: 100, windowSeconds: 10 * MINUTE },
    appliesTo: ["database"],
    missingData: "not-breaching",
    source: "Scaling document: success metric below 100 ms",
  },
} as const satisfies Record<string, ThresholdRule>;

/** What any operator expects beside the document's rules; which target has one is each tier's matrix. */
export const extraRules = {
  disk: {
    title: "Disk",
    metric: "disk space in use",
    unit: "percent",
    comparison: ">",
    critical: { value: 90, windowSeconds: 5 * MINUTE },
    warning: { value: 80, windowSeconds: 30 * MINUTE },
    appliesTo: [],
    missingData: "breaching",
    source: "This project: a full disk stops Postgres and nginx; 80 % leaves days to act",
  },
  "certificate-expiry": {
    title: "Certificate expiry",
    metric: "days until the certificate expires",
    unit: "days",
    comparison: "<",
    critical: { value: 7, windowSeconds: 1 * HOUR },
    warning: { value: 21, windowSeconds: 1 * HOUR },
    appliesTo: [],
    missingData: "breaching",
    source:
      "This project: renewal starts 30 days ahead, so 21 days means that it failed for a week",
  },
  "backup-age": {
    title: "Backup age",
    metric: "hours since the last logical dump was stored",
    unit: "hours",
    comparison: ">",
    critical: { value: 26, windowSeconds: 10 * MINUTE },
    appliesTo: [],
    missingData: "breaching",
    source: "This project: a nightly dump plus two hours of grace",
  },
  restarts: {
    title: "Restarts",
    metric: "restarts of the app's processes in 10 minutes",
    unit: "count",
    comparison: ">",
    // App Platform's alert on restarts knows no window of 15 minutes.
    warning: { value: 3, windowSeconds: 10 * MINUTE },
    appliesTo: [],
    missingData: "not-breaching",
    source: "This project: a reload restarts each process once; more is a crash loop",
  },
  "deploy-failed": {
    title: "Failed deploy",
    metric: "deploys that ended in failure since the last success",
    unit: "count",
    comparison: ">",
    critical: { value: 0, windowSeconds: 1 * MINUTE },
    appliesTo: [],
    missingData: "not-breaching",
    source: "This project: one is too many",
  },
  "replica-lag": {
    title: "Replica lag",
    metric: "seconds that a read replica is behind",
    unit: "seconds",
    comparison: ">",
    critical: { value: 300, windowSeconds: 5 * MINUTE },
    warning: { value: 30, windowSeconds: 10 * MINUTE },
    appliesTo: [],
    missingData: "breaching",
    source:
      "This project: users see their own write late beyond seconds; minutes mean that replication stands",
  },
  "at-max-scale": {
    title: "Maximum scale",
    metric: "instances that run hot, of the most that autoscaling may start",
    unit: "percent",
    comparison: ">",
    // All of them: whatever comes next finds no more room.
    warning: { value: 99, windowSeconds: 10 * MINUTE },
    appliesTo: [],
    missingData: "not-breaching",
    source:
      "This project: autoscaling adds instances while they are hot, so at its maximum load has outgrown it",
  },
  "cache-evictions": {
    title: "Cache evictions",
    metric: "keys evicted for lack of memory",
    unit: "per-second",
    comparison: ">",
    warning: { value: 10, windowSeconds: 15 * MINUTE },
    appliesTo: [],
    missingData: "not-breaching",
    source: "This project: steady eviction means that the cache is too small for its working set",
  },
  monitoring: {
    title: "Monitoring",
    metric: "share of probes of the monitoring itself that succeed",
    unit: "percent",
    comparison: "<",
    critical: { value: 1, windowSeconds: 5 * MINUTE, fixed: true },
    appliesTo: [],
    missingData: "breaching",
    source:
      "This project: rules evaluated by a dead Prometheus stay silent, so something else watches it",
  },
} as const satisfies Record<string, ThresholdRule>;

export const rules: Readonly<Record<RuleId, ThresholdRule>> = {
  ...documentRules,
  ...extraRules,
};
export type DocumentRuleId = keyof typeof documentRules;
export type ExtraRuleId = keyof typeof extraRules;
export type RuleId = DocumentRuleId | ExtraRuleId;
export const documentRuleIds = Object.keys(documentRules) as DocumentRuleId[];
export const ruleIds = Object.keys(rules) as RuleId[];

/** A stack's own numbers by rule id; what is left out keeps the document's. */
export type ThresholdEdits = Partial<
  Record<RuleId, { readonly critical?: number; readonly warning?: number }>
>;

/** The rules with a stack's edits applied; the windows and everything else stay. */
export function editedRules(edits: ThresholdEdits): Readonly<Record<RuleId, ThresholdRule>> {
  const edited = ruleIds.map((id) => {
    const rule = rules[id];
    const edit = edits[id];
    return [
      id,
      {
        ...rule,
        ...(rule.critical && {
          critical: {
            ...rule.critical,
            value: edit?.critical ?? rule.critical.value,
          },
        }),
        ...(rule.warning && {
          warning: {
            ...rule.warning,
            value: edit?.warning ?? rule.warning.value,
          },
        }),
      },
    ];
  });
  return Object.fromEntries(edited) as Record<RuleId, ThresholdRule>;
}
