import { redisMemoryHeadroom } from "../../host/redis";
import { availability, both, cluster, prometheus } from "./hostSignals";
import type { AlarmTarget } from "./types";

const exporter = "redis exporter";

const uptime = {
  signals: {
    critical: [prometheus(exporter, "100 * avg(avg_over_time(redis_up[$window]))")],
    warning: [prometheus(exporter, availability("redis_up"))],
  },
};

const evictions = {
  signals: {
    warning: [prometheus(exporter, "sum(rate(redis_evicted_keys_total[$window]))")],
  },
};

/** Redis on the server, measured by the exporter beside it. */
export function hostRedisTarget(): AlarmTarget {
  return {
    id: "redis",
    kind: "cache",
    title: "Redis on the server",
    watches: {
      // A full cache is healthy: it evicts. What hurts is a process that outgrows what the host set
      // aside for it, which is the limit for data and room for fragmentation and buffers.
      memory: both([
        {
          emitter: "prometheus",
          exporter,
          expr: `100 * max(redis_memory_used_rss_bytes) / (${redisMemoryHeadroom} * max(redis_memory_max_bytes))`,
          windowInExpr: false,
        },
      ]),
      cpu: {
        signals: {
          warning: [
            prometheus(
              exporter,
              "100 * (sum(rate(redis_cpu_sys_seconds_total[$window])) + " +
                "sum(rate(redis_cpu_user_seconds_total[$window])))",
            ),
          ],
        },
      },
      uptime,
      "cache-evictions": evictions,
    },
  };
}

/** A managed DigitalOcean Valkey: its machine by the provider, the rest by the exporter. */
export function managedValkeyTarget(): AlarmTarget {
  return {
    id: "redis",
    kind: "cache",
    title: "the managed Valkey",
    watches: {
      memory: both(cluster("memory_utilization_alerts")),
      cpu: { signals: { warning: cluster("cpu_alerts") } },
      uptime,
      "cache-evictions": evictions,
    },
  };
}

/** Somebody else's Redis: what its protocol tells is watched, its machine is the vendor's. */
export function externalRedisTarget(): AlarmTarget {
  const unwatched = "the vendor runs the machine: watch it in the vendor's console";
  return {
    id: "redis",
    kind: "cache",
    title: "the external Redis",
    watches: {
      memory: { unwatched },
      cpu: { unwatched },
      uptime,
      "cache-evictions": evictions,
    },
  };
}
