import { stringify } from "yaml";
import { renderHostRules } from "../components/alarms/hostRules";
import { scrapeIntervalSeconds } from "../components/alarms/hostSignals";
import { alertmanagerFiles } from "./alertmanager";
import { exporterFiles, hasRedis } from "./exporters";
import { plain } from "./files";
import { paths, ports } from "./paths";
import { serviceDropIn } from "./systemd";
import type { BundleFile, HostSpec } from "./types";

/** Longer than the longest rule looks back (30 days). */
const RETENTION_DAYS = 40;
/** The smallest disk is 25 GB in all; what is oldest goes first. */
const RETENTION_GB = 8;
const DIR = `${paths.etc}/prometheus`;

/** Prometheus with its rules and exporters, all on loopback. */
export function prometheusFiles(spec: HostSpec): readonly BundleFile[] {
  return [
    plain(`${DIR}/prometheus.yml`, stringify(prometheusConfig(spec), { lineWidth: 0 })),
    plain(`${DIR}/rules.yml`, renderHostRules(spec.monitoring.alarms)),
    serviceDropIn("prometheus", {
      comment:
        spec.role === "app"
          ? "Loopback only; nginx lets nothing but the readiness check through."
          : "Loopback only; nginx lets the readiness check and the app's metrics through.",
      exec: [
        "/usr/bin/prometheus",
        `--config.file=${DIR}/prometheus.yml`,
        "--storage.tsdb.path=/var/lib/prometheus/metrics2",
        `--storage.tsdb.retention.time=${RETENTION_DAYS}d`,
        `--storage.tsdb.retention.size=${RETENTION_GB}GB`,
        `--web.listen-address=127.0.0.1:${ports.prometheus}`,
        ...(spec.role === "app" ? [] : ["--web.enable-remote-write-receiver"]),
      ],
    }),
    ...exporterFiles(spec),
    ...alertmanagerFiles(spec),
  ];
}

function prometheusConfig(spec: HostSpec): object {
  const jobOf = (name: string, static_configs: readonly object[]): object => ({
    job_name: name,
    static_configs,
    // The port says nothing that the job does not; one host is one instance.
    relabel_configs: [{ target_label: "instance", replacement: spec.stack }],
  });
  const job = (name: string, port: number): object => jobOf(name, [{ targets: [loopback(port)] }]);
  return {
    global: {
      scrape_interval: `${scrapeIntervalSeconds}s`,
      scrape_timeout: "10s",
      evaluation_interval: `${scrapeIntervalSeconds}s`,
      external_labels: { stack: spec.stack, tier: spec.tier },
    },
    rule_files: [`${DIR}/rules.yml`],
    alerting: {
      alertmanagers: [{ static_configs: [{ targets: [loopback(ports.alertmanager)] }] }],
    },
    scrape_configs: [
      job("prometheus", ports.prometheus),
      job("alertmanager", ports.alertmanager),
      job("node", ports.node),
      ...(spec.role === "app" ? [job("mtail", ports.mtail)] : []),
      spec.role === "app"
        ? job("postgres", ports.postgresExporter)
        : jobOf("postgres", databases(spec.replicas)),
      ...(hasRedis(spec) ? [job("redis", ports.redisExporter)] : []),
      probes(spec),
    ],
  };
}

/** The exporters of the database and its replicas, told apart by the alarm target's name. */
function databases(replicas: number): readonly object[] {
  return Array.from({ length: 1 + replicas }, (_, number) => {
    const [port, target] =
      number === 0
        ? [ports.postgresExporter, "postgres"]
        : [ports.firstReplicaExporter + number - 1, `postgres-replica-${number}`];
    return { targets: [loopback(port)], labels: { target } };
  });
}

/** The blackbox exporter, asked about an address as `instance`. */
function probes(spec: HostSpec): object {
  const ask = [
    { source_labels: ["__address__"], target_label: "__param_target" },
    { source_labels: ["__param_target"], target_label: "instance" },
    { target_label: "__address__", replacement: loopback(ports.blackbox) },
  ];
  const common = { job_name: "blackbox", metrics_path: "/probe" };
  if (spec.role === "app") {
    return {
      ...common,
      params: { module: ["app"] },
      static_configs: [{ targets: [spec.monitoring.probeUrl] }],
      relabel_configs: ask,
    };
  }
  return {
    ...common,
    // Read anew at once when `drops-host probe` has replaced it.
    file_sd_configs: [{ files: [paths.probeTargets] }],
    relabel_configs: [
      {
        source_labels: ["__address__"],
        regex: "(https?)://.*",
        target_label: "__param_module",
        replacement: "$1",
      },
      ...ask,
    ],
  };
}

function loopback(port: number): string {
  return `127.0.0.1:${port}`;
}
