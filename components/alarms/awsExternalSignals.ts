import { appMetrics, appServices, poolDimension } from "../../prices/aws";
import { nothingHappened, onMetric, warning } from "./awsSignals";
import type { AlarmTarget } from "./types";

const vendors = "the vendor runs the machine: watch it in the vendor's console";
const echoed =
  "nothing in AWS asks it; while it is down the site's own alarms on errors and uptime are on";

/** Somebody else's Postgres behind an app on ECS: what the app measures of it, and no more. */
export function externalPostgresOnAwsTarget(stack: string): AlarmTarget {
  return {
    id: "postgres",
    kind: "database",
    title: "the external database",
    watches: {
      memory: { unwatched: vendors },
      cpu: { unwatched: vendors },
      "db-connections": { unwatched: vendors },
      uptime: { unwatched: echoed },
      "db-query-time": warning(
        onMetric(
          {
            namespace: appMetrics.namespace,
            name: "db.client.operation.duration",
            dimensions: { Service: appServices.web, Stack: stack, [poolDimension]: "primary" },
            statistic: "Average",
          },
          { compared: { as: "value", factor: 0.001 }, missing: nothingHappened },
        ),
      ),
    },
  };
}

/** Somebody else's Redis behind an app on ECS. */
export function externalRedisOnAwsTarget(): AlarmTarget {
  return {
    id: "redis",
    kind: "cache",
    title: "the external Redis",
    watches: {
      memory: { unwatched: vendors },
      cpu: { unwatched: vendors },
      uptime: { unwatched: echoed },
    },
  };
}
