/** A parameter of a parameter group, as the provider takes it. */
export interface DatabaseParameter {
  readonly name: string;
  readonly value: string;
  /**
   * When it takes effect: a dynamic one at once, a static one at the instances' next restart. It has
   * to be the kind that the parameter is, or AWS refuses it or reports the other one for ever.
   */
  readonly applyMethod: "immediate" | "pending-reboot";
}

export interface AuroraParametersSpec {
  /** `max_connections` of each instance. */
  readonly maxConnections: number;
  /** Statements that take longer are logged, with their text; in milliseconds. */
  readonly slowStatementMs: number;
}

/**
 * Parameters of the whole cluster. `max_connections` is valid in an instance's group too; here it
 * holds for each instance alike, for those that autoscaling adds and after a fail-over. What is set
 * here goes before the defaults of an instance's group, and none of ours has a group of its own.
 */
export function auroraParameters({
  maxConnections,
  slowStatementMs,
}: AuroraParametersSpec): readonly DatabaseParameter[] {
  return [
    // A promotion to or from another tier replicates logically.
    atRestart("rds.logical_replication", "1"),
    atRestart("max_connections", String(maxConnections)),
    atRestart("shared_preload_libraries", "pg_stat_statements"),
    // Statements inside of functions too.
    atOnce("pg_stat_statements.track", "all"),
    atOnce("rds.force_ssl", "1"),
    atOnce("password_encryption", "scram-sha-256"),
    atOnce("log_min_duration_statement", String(slowStatementMs)),
    atOnce("log_lock_waits", "1"),
  ];
}

/** The family of parameter groups of an engine version: `17.9` is of `aurora-postgresql17`. */
export function auroraFamily(engineVersion: string): string {
  return `aurora-postgresql${engineVersion.split(".", 1)[0] ?? ""}`;
}

function atOnce(name: string, value: string): DatabaseParameter {
  return { name, value, applyMethod: "immediate" };
}

function atRestart(name: string, value: string): DatabaseParameter {
  return { name, value, applyMethod: "pending-reboot" };
}
