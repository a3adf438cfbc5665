/** Where things are on the host. The programs in `host/files` name the same paths. */
export const paths = {
  /** Configuration of ours; secrets below it in `secrets/`, root only. */
  etc: "/etc/drops",
  /** Programs that belong to the bundle; `drops-host <verb>` runs `lib/<verb>`. */
  lib: "/usr/local/lib/drops",
  systemd: "/etc/systemd/system",
  secrets: "/etc/drops/secrets",
  /** Certificate in use: a link to the placeholder or to certbot's. */
  tls: "/etc/drops/tls/current",
  /** Authority of the database's certificate; public, so that exporters may read it. */
  databaseCa: "/etc/drops/database-ca.pem",
  /** The token of the app's metrics as a line of nginx's; root only. */
  metricsToken: "/etc/drops/metrics-token.conf",
  /** What `drops-host probe` was told, as Prometheus reads it. */
  probeTargets: "/var/lib/drops/probe-targets.json",
  /** Files for certbot's HTTP-01 challenges. */
  acme: "/var/lib/drops/acme",
  /** Link to the release in use, and to the one before. */
  current: "/srv/drops/current",
  previous: "/srv/drops/previous",
  accessLog: "/var/log/nginx/drops-access.log",
  appLogs: "/var/log/drops",
  /** Debian's directory of the node exporter's text files. */
  textfiles: "/var/lib/prometheus/node-exporter",
} as const;

/**
 * How the app's metrics come in on a monitoring host's `metricsPort`: Prometheus' remote-write. Debian
 * leaves the receiver for OTLP out of its Prometheus (2.53.3+ds1-2, read and tried 2026-11-28).
 */
export const metricsIntake = {
  path: "/api/v1/write",
  /** Header that carries the secret "metrics-token". */
  tokenHeader: "X-Drops-Token",
} as const;

/** Loopback ports; nothing but nginx and SSH listens beyond loopback. */
export const ports = {
  prometheus: 9090,
  alertmanager: 9093,
  node: 9100,
  blackbox: 9115,
  redisExporter: 9121,
  postgresExporter: 9187,
  /** The exporter of read replica N is N - 1 further on. */
  firstReplicaExporter: 9188,
  mtail: 3903,
  redis: 6379,
} as const;
