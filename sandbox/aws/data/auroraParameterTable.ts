/*
 * Parameters of Aurora PostgreSQL 17 and 18 that the embedded cloud knows. Whether one takes a restart,
 * and its smallest and largest number, are those of Postgres 17 itself (`postgres --describe-config`,
 * 17.5); of some AWS allows less. Those of AWS's own: Aurora's guide, "Aurora PostgreSQL parameters".
 */

/** Name, smallest and largest value; without a largest one: none. They take a restart. */
const staticNumbers = `
  max_connections 6 262143
  rds.rds_superuser_reserved_connections 0 262143
  pg_stat_statements.max 100
  autovacuum_freeze_max_age 100000 2000000000
  autovacuum_max_workers 1 262143
  autovacuum_multixact_freeze_max_age 10000 2000000000
  max_files_per_process 64
  max_locks_per_transaction 10
  max_logical_replication_workers 0 262143
  max_pred_locks_per_transaction 10
  max_prepared_transactions 0 262143
  max_replication_slots 0 262143
  max_wal_senders 0 262143
  max_worker_processes 0 262143
  shared_buffers 16 1073741823
  track_activity_query_size 100 1048576
`;

/** The same, and in force at once. */
const dynamicNumbers = `
  rds.log_retention_period 1440 10080
  auto_explain.log_min_duration -1
  auto_explain.sample_rate 0 1
  autovacuum_analyze_scale_factor 0 100
  autovacuum_analyze_threshold 0
  autovacuum_naptime 1 2147483
  autovacuum_vacuum_cost_delay -1 100
  autovacuum_vacuum_cost_limit -1 10000
  autovacuum_vacuum_insert_scale_factor 0 100
  autovacuum_vacuum_insert_threshold -1
  autovacuum_vacuum_scale_factor 0 100
  autovacuum_vacuum_threshold 0
  autovacuum_work_mem -1
  backend_flush_after 0 256
  cpu_index_tuple_cost 0
  cpu_operator_cost 0
  cpu_tuple_cost 0
  cursor_tuple_fraction 0 1
  deadlock_timeout 1
  default_statistics_target 1 10000
  effective_cache_size 1
  effective_io_concurrency 0 1000
  extra_float_digits -15 3
  from_collapse_limit 1
  geqo_threshold 2
  gin_fuzzy_search_limit 0
  gin_pending_list_limit 64
  hash_mem_multiplier 1 1000
  idle_in_transaction_session_timeout 0
  idle_session_timeout 0
  jit_above_cost -1
  join_collapse_limit 1
  lock_timeout 0
  log_autovacuum_min_duration -1
  log_min_duration_sample -1
  log_min_duration_statement -1
  log_parameter_max_length -1 1073741823
  log_rotation_age 0 35791394
  log_rotation_size 0 2097151
  log_statement_sample_rate 0 1
  log_temp_files -1
  log_transaction_sample_rate 0 1
  logical_decoding_work_mem 64
  maintenance_work_mem 64
  max_parallel_maintenance_workers 0 1024
  max_parallel_workers 0 1024
  max_parallel_workers_per_gather 0 1024
  max_slot_wal_keep_size -1
  max_stack_depth 100
  max_standby_streaming_delay -1
  min_parallel_index_scan_size 0 715827882
  min_parallel_table_scan_size 0 715827882
  parallel_setup_cost 0
  parallel_tuple_cost 0
  random_page_cost 0
  scram_iterations 1
  seq_page_cost 0
  statement_timeout 0
  tcp_keepalives_count 0
  tcp_keepalives_idle 0
  tcp_keepalives_interval 0
  tcp_user_timeout 0
  temp_buffers 100 1073741823
  temp_file_limit -1
  transaction_timeout 0
  vacuum_buffer_usage_limit 0 16777216
  vacuum_cost_delay 0 100
  vacuum_cost_limit 1 10000
  vacuum_cost_page_dirty 0 10000
  vacuum_cost_page_hit 0 10000
  vacuum_cost_page_miss 0 10000
  vacuum_failsafe_age 0 2100000000
  vacuum_freeze_min_age 0 1000000000
  vacuum_freeze_table_age 0 2000000000
  wal_receiver_timeout 0
  wal_sender_timeout 0
  work_mem 64
`;

const staticFlags = `
  rds.logical_replication rds.restrict_password_commands rds.enable_plan_management
  track_commit_timestamp pg_stat_statements.save
`;

const dynamicFlags = `
  rds.force_ssl rds.adaptive_autovacuum apg_ccm_enabled
  autovacuum default_transaction_read_only enable_bitmapscan enable_hashagg enable_hashjoin
  enable_indexonlyscan enable_indexscan enable_material enable_memoize enable_mergejoin
  enable_nestloop enable_partition_pruning enable_partitionwise_aggregate enable_partitionwise_join
  enable_seqscan enable_sort enable_tidscan geqo jit log_connections log_disconnections log_duration
  log_executor_stats log_hostname log_lock_waits pg_stat_statements.track_utility
  quote_all_identifiers track_activities track_counts track_io_timing track_wal_io_timing
  auto_explain.log_analyze auto_explain.log_buffers auto_explain.log_nested_statements
`;

/** Texts that take a restart. */
const staticTexts = `
  shared_preload_libraries huge_pages cron.database_name
`;

const dynamicTexts = `
  rds.allowed_extensions rds.extensions pgaudit.log pgaudit.role search_path timezone datestyle
  default_tablespace temp_tablespaces log_timezone
`;

/** Values, where there are few; all of them in force at once. */
const choices = {
  "rds.accepted_password_auth_method": ["md5+scram", "scram"],
  "pg_stat_statements.track": ["none", "top", "all"],
  bytea_output: ["hex", "escape"],
  client_min_messages: [
    ...["debug5", "debug4", "debug3", "debug2", "debug1"],
    ...["log", "notice", "warning", "error"],
  ],
  constraint_exclusion: ["on", "off", "partition"],
  default_toast_compression: ["pglz", "lz4"],
  default_transaction_isolation: [
    ...["serializable", "repeatable read", "read committed", "read uncommitted"],
  ],
  intervalstyle: ["postgres", "postgres_verbose", "sql_standard", "iso_8601"],
  log_error_verbosity: ["default", "terse", "verbose"],
  log_min_error_statement: [
    ...["debug5", "debug4", "debug3", "debug2", "debug1", "info", "notice", "warning"],
    ...["error", "log", "fatal", "panic"],
  ],
  log_min_messages: [
    ...["debug5", "debug4", "debug3", "debug2", "debug1", "info", "notice", "warning"],
    ...["error", "log", "fatal", "panic"],
  ],
  log_statement: ["none", "ddl", "mod", "all"],
  password_encryption: ["md5", "scram-sha-256"],
  plan_cache_mode: ["auto", "force_generic_plan", "force_custom_plan"],
  session_replication_role: ["origin", "replica", "local"],
  ssl_min_protocol_version: ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"],
  ssl_max_protocol_version: ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"],
  synchronous_commit: ["on", "off", "local"],
  track_functions: ["none", "pl", "all"],
  xmlbinary: ["base64", "hex"],
  xmloption: ["content", "document"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Known only to a cluster's own group. */
const ofClusters = ["rds.force_ssl", "rds.logical_replication", "apg_ccm_enabled"];

/** What is known of a parameter. */
export interface ParameterFact {
  /** Whether a change waits for a restart. */
  readonly isStatic: boolean;
  readonly values: { readonly low: number; readonly high?: number } | readonly string[] | "text";
  /** Whether only a cluster's group has it, and no instance's. */
  readonly ofCluster: boolean;
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

function factsOf(): ReadonlyMap<string, ParameterFact> {
  const facts = new Map<string, ParameterFact>();
  const add = (name: string, isStatic: boolean, values: ParameterFact["values"]): void => {
    facts.set(name, { isStatic, values, ofCluster: ofClusters.includes(name) });
  };
  for (const [text, isStatic] of [
    [staticNumbers, true] as const,
    [dynamicNumbers, false] as const,
  ]) {
    for (const line of text.trim().split("\n")) {
      const [name = "", low, high] = words(line);
      add(name, isStatic, { low: Number(low), ...(high !== undefined && { high: Number(high) }) });
    }
  }
  for (const name of words(staticFlags)) add(name, true, ["0", "1"]);
  for (const name of words(dynamicFlags)) add(name, false, ["0", "1"]);
  for (const name of words(staticTexts)) add(name, true, "text");
  for (const name of words(dynamicTexts)) add(name, false, "text");
  for (const [name, values] of Object.entries(choices)) add(name, false, values);
  return facts;
}

export const auroraParameterFacts = factsOf();
