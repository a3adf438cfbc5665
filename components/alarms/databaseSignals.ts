import { availability, both, cluster, prometheus } from "./hostSignals";
import type { AlarmTarget, Watch } from "./types";

const exporter = "postgres exporter";

/** What the postgres exporter tells of any Postgres; DigitalOcean has no alert for these. */
function exporterWatches(connectionLimit: number | undefined): AlarmTarget["watches"] {
  return {
    "db-connections":
      connectionLimit === undefined
        ? { unwatched: "nobody said how many connections the database allows" }
        : both([
            {
              emitter: "prometheus",
              exporter,
              expr: `100 * sum(pg_stat_database_numbackends) / ${connectionLimit}`,
              windowInExpr: false,
            },
          ]),
    "db-query-time": {
      signals: {
        warning: [
          prometheus(
            exporter,
            "1000 * sum(rate(pg_stat_statements_seconds_total[$window])) / " +
              "sum(rate(pg_stat_statements_calls_total[$window]))",
          ),
        ],
      },
    },
    uptime: {
      signals: {
        critical: [prometheus(exporter, "100 * avg(avg_over_time(pg_up[$window]))")],
        warning: [prometheus(exporter, availability("pg_up"))],
      },
    },
  };
}

/** Age of the newest logical dump, where dumps are made. */
const backupAge: Watch = {
  signals: {
    critical: [
      {
        emitter: "prometheus",
        exporter: "backup timer",
        // Before the first dump it counts from the host's own beginning.
        expr:
          "(time() - (max(drops_backup_last_success_timestamp_seconds) or " +
          "max(drops_host_installed_timestamp_seconds))) / 3600",
        windowInExpr: false,
      },
    ],
  },
};

/** A database that is dumped every night is also watched for the age of its newest dump. */
export function withBackupAge(target: AlarmTarget): AlarmTarget {
  return { ...target, watches: { ...target.watches, "backup-age": backupAge } };
}

/** A managed DigitalOcean cluster: its machine by the provider, the rest by the exporter. */
export function managedPostgresTarget(connectionLimit: number): AlarmTarget {
  return {
    id: "postgres",
    kind: "database",
    title: "the database",
    watches: {
      ...exporterWatches(connectionLimit),
      memory: both(cluster("memory_utilization_alerts")),
      cpu: { signals: { warning: cluster("cpu_alerts") } },
      disk: both(cluster("disk_utilization_alerts")),
    },
  };
}

/** Somebody else's Postgres: what SQL tells is watched, its machine is the vendor's. */
export function externalPostgresTarget(connectionLimit: number | undefined): AlarmTarget {
  const unwatched = "the vendor runs the machine: watch it in the vendor's console";
  return {
    id: "postgres",
    kind: "database",
    title: "the external database",
    watches: {
      ...exporterWatches(connectionLimit),
      memory: { unwatched },
      cpu: { unwatched },
    },
  };
}
