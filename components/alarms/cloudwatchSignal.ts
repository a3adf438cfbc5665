/** Value of a dimension: a text, or the key of what only a deploy tells (see `CloudWatchAlarms`). */
export type DimensionValue = string | { readonly entity: string };

/** A metric with what is made of its points within a period. */
export interface CloudWatchMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, DimensionValue>>;
  /** `Average`, `Sum`, …, or a percentile such as `p95`. */
  readonly statistic: string;
}

/** What an alarm compares: a metric, or what expressions make of several. */
export type CloudWatchReading =
  | { readonly metric: CloudWatchMetric }
  | {
      /** By the names that the expressions use. */
      readonly metrics: Readonly<Record<string, CloudWatchMetric>>;
      /** In order, each by its name; the last one is compared. */
      readonly expressions: readonly { readonly id: string; readonly expression: string }[];
      /** What the last one is, in words: "percent of the requests". */
      readonly unit: string;
    };

/** How the rule's limit becomes one of the metric: all conversions are in `cloudwatchCompared.ts`. */
export type Compared =
  /** The rule's value times a factor: 0.001 from milliseconds to seconds. */
  | { readonly as: "value"; readonly factor: number }
  /** The rule names a percentage that is used, the metric what is free of `total`. */
  | { readonly as: "free-of"; readonly total: number }
  /** The rule names a percentage, the metric counts up to `total`. */
  | { readonly as: "share-of"; readonly total: number }
  /** The rule names the least percentage that is good; so many times its budget may be bad. */
  | { readonly as: "budget"; readonly burnRate: number }
  /** The same for a metric that says of each period whether there was anything: below 1 is bad. */
  | { readonly as: "bad-periods"; readonly burnRate: number }
  /** The rule names hours in which the metric must have counted once: they are the period. */
  | { readonly as: "once-in-hours" }
  /** Not the rule's: what the metric says of itself. */
  | { readonly as: "fixed"; readonly comparison: ">" | "<"; readonly value: number };

/** What periods without a point mean. */
export interface MissingPoints {
  /** `ignore` leaves the alarm as it is. */
  readonly treat: "breaching" | "notBreaching" | "ignore";
  readonly because: string;
}

/** A metric alarm. */
export interface CloudWatchMetricSignal {
  readonly emitter: "cloudwatch";
  /** Tells the alarms of one plan apart: last part of their names. */
  readonly suffix?: string;
  readonly reading: CloudWatchReading;
  readonly periodSeconds: number;
  /** How far back it looks. @default the rule's window */
  readonly windowSeconds?: number;
  /** Periods in the window that must be beyond the limit. @default all of them */
  readonly datapointsToAlarm?: number;
  readonly compared: Compared;
  readonly missing: MissingPoints;
  /** Where the metric is: `us-east-1` for the global services. */
  readonly region: "own" | "us-east-1";
  /**
   * Failures of which this would only be an echo: nobody is told while one of them lasts. Each is a
   * list of targets whose critical alarms on uptime must all be on. Those of another region do not
   * count; one failure at least must be told in the same.
   */
  readonly quietDuring?: readonly (readonly string[])[];
  /**
   * Minutes after its creation in which it stays quiet. `whole`: for all of them, not only until
   * there are points enough. @default 15, not whole, where missing points are breaching
   */
  readonly warmUp?: { readonly minutes: number; readonly whole: boolean };
  /** False where being well again says nothing: an event is over at once. @default true */
  readonly tellsRecovery?: boolean;
  /** A sentence that the text of this alarm has beside the plan's. */
  readonly note?: string;
}

/** A part of an alarm that is on while others are on too. */
export type CloudWatchPart = CloudWatchMetricSignal & { readonly suffix: string };

/** An alarm that is on while all of its parts are; the parts are in the stack's own region. */
export interface CloudWatchAllSignal {
  readonly emitter: "cloudwatch";
  readonly all: readonly CloudWatchPart[];
  /** Parts of which one is enough. @default none is needed */
  readonly any?: readonly CloudWatchPart[];
}

export type CloudWatchSignal = CloudWatchMetricSignal | CloudWatchAllSignal;

/** The metrics of a reading, by the names in its expressions. */
export function metricsIn(reading: CloudWatchReading): Readonly<Record<string, CloudWatchMetric>> {
  return "metric" in reading ? { value: reading.metric } : reading.metrics;
}
