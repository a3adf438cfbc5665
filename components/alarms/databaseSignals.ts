import type { ConnectionLimit } from "../../settings/mediumConnections";
import { availability, both, cluster, prometheus } from "./hostSignals";
import type { AlarmTarget, Watch } from "./types";

const exporter = "postgres exporter";

/** Which of the exporters on a host is meant. */
interface Selector {
  /** Value of the label `target`; a host with one database has no such label. */
  readonly target?: string;
}

const labels = ({ target }: Selector): string =>
  target === undefined ? "" : `{target="${target}"}`;

/** Connections that clients may open, as an expression; asked of the database where nobody published it. */
function allowed({ limit, verified }: ConnectionLimit, selector: Selector): string {
  if (verified) return String(limit);
  const setting = (name: string) => `max(pg_settings_${name}${labels(selector)})`;
  return `(${setting("max_connections")} - ${setting("superuser_reserved_connections")} - ${setting("reserved_connections")})`;
}

/** What the postgres exporter tells of any Postgres; DigitalOcean has no alert for these. */
function exporterWatches(
  limit: ConnectionLimit | undefined,
  selector: Selector = {},
): AlarmTarget["watches"] {
  const at = labels(selector);
  return {
    "db-connections":
      limit === undefined
        ? { unwatched: "nobody said how many connections the database allows" }
        : both([
            {
              emitter: "prometheus",
              exporter,
              expr: `100 * sum(pg_stat_database_numbackends${at}) / ${allowed(limit, selector)}`,
              windowInExpr: false,
            },
          ]),
    "db-query-time": {
      signals: {
        warning: [
          prometheus(
            exporter,
            `1000 * sum(rate(pg_stat_statements_seconds_total${at}[$window])) / ` +
              `sum(rate(pg_stat_statements_calls_total${at}[$window]))`,
          ),
        ],
      },
    },
    uptime: {
      signals: {
        critical: [prometheus(exporter, `100 * avg(avg_over_time(pg_up${at}[$window]))`)],
        warning: [prometheus(exporter, availability(`pg_up${at}`))],
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

/** What DigitalOcean measures of a cluster's machine. */
const machine: AlarmTarget["watches"] = {
  memory: both(cluster("memory_utilization_alerts")),
  cpu: { signals: { warning: cluster("cpu_alerts") } },
  disk: both(cluster("disk_utilization_alerts")),
};

/**
 * A managed DigitalOcean cluster: its machine by the provider, the rest by the exporter.
 *
 * @param besideReplicas Whether exporters of replicas run on the same host.
 */
export function managedPostgresTarget(
  limit: ConnectionLimit,
  { besideReplicas = false }: { readonly besideReplicas?: boolean } = {},
): AlarmTarget {
  const id = "postgres";
  return {
    id,
    kind: "database",
    title: "the database",
    watches: { ...exporterWatches(limit, besideReplicas ? { target: id } : {}), ...machine },
  };
}

/** A read-only copy of a managed cluster, with how far it lags behind. */
export function managedReplicaTarget(number: number, limit: ConnectionLimit): AlarmTarget {
  const id = `postgres-replica-${number}`;
  return {
    id,
    kind: "database",
    title: `read replica ${number} of the database`,
    watches: {
      ...exporterWatches(limit, { target: id }),
      ...machine,
      "replica-lag": both([
        {
          emitter: "prometheus",
          exporter,
          // Not the exporter's own pg_replication_lag_seconds: that is 0 where the primary is lost.
          expr: `max(pg_replica_lag_seconds${labels({ target: id })})`,
          windowInExpr: false,
        },
      ]),
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
      ...exporterWatches(
        connectionLimit === undefined ? undefined : { limit: connectionLimit, verified: true },
      ),
      memory: { unwatched },
      cpu: { unwatched },
    },
  };
}
