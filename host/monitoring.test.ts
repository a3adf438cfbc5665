import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { monitoringSpec } from "../tests/host/sample";
import { renderUserData } from "./bootstrap";
import { renderBundle } from "./bundle";
import { metricsIntake } from "./paths";
import { hostSecretNames, type MonitoringHostSpec } from "./types";

const fileOf = (path: string, changes: Partial<MonitoringHostSpec> = {}): string | undefined =>
  renderBundle(monitoringSpec(changes)).files.find((file) => file.path === path)?.content;
const linesOf = (path: string, changes?: Partial<MonitoringHostSpec>): readonly string[] =>
  fileOf(path, changes)?.trim().split("\n") ?? [];
const pathsOf = (changes?: Partial<MonitoringHostSpec>): readonly string[] =>
  renderBundle(monitoringSpec(changes)).files.map(({ path }) => path);

interface PrometheusConfig {
  readonly scrape_configs: readonly {
    readonly job_name: string;
    readonly static_configs?: readonly { targets: string[]; labels?: Record<string, string> }[];
    readonly file_sd_configs?: readonly object[];
  }[];
}
const jobsOf = (changes?: Partial<MonitoringHostSpec>): PrometheusConfig["scrape_configs"] =>
  (parse(fileOf("/etc/drops/prometheus/prometheus.yml", changes)!) as PrometheusConfig)
    .scrape_configs;

describe("the bundle of a monitoring host", () => {
  it("holds nothing of the app", () => {
    expect(
      pathsOf().filter((path) =>
        /ecosystem|app|pm2|release|mtail|redis\.conf|certificate|letsencrypt/.test(path),
      ),
    ).toEqual(["/usr/local/lib/drops/apply"]);
  });

  it("lists each path once, programs executable, no placeholder unfilled", () => {
    const { files } = renderBundle(monitoringSpec());
    expect(files.map(({ path }) => path)).toEqual([...new Set(pathsOf())].sort());
    for (const { path, mode, content } of files) {
      expect([path, mode]).toEqual([path, content.startsWith("#!") ? "0755" : "0644"]);
      expect(content, path).not.toMatch(/undefined|\[object|NaN\b/);
    }
  });

  it.each<[string, Partial<MonitoringHostSpec>]>([
    ["replicas", { replicas: 2 }],
    ["the metrics port", { metricsPort: 4319 }],
    ["Redis", { redisExporter: false }],
    ["the roles' rights", { grantRoles: false }],
    ["alarms", { monitoring: { ...monitoringSpec().monitoring, alarms: [] } }],
  ])("has another version when %s changes", (_, changes) => {
    const { version } = renderBundle(monitoringSpec());
    expect(renderBundle(monitoringSpec(changes)).version).not.toBe(version);
    expect(renderBundle(monitoringSpec()).version).toBe(version);
  });

  it("names the secrets it needs, by the contract's names", () => {
    const all = linesOf("/etc/drops/required-secrets", { replicas: 2 });
    expect(all).toEqual([
      ...["backup-access-key", "backup-bucket", "backup-secret-key", "database-admin-url"],
      ...["database-owner-url", "database-replica-url-1", "database-replica-url-2"],
      ...["database-url", "metrics-token", "redis-url"],
      ...["slack-url", "smtp-password", "webhook-url"],
    ]);
    for (const name of all) expect(hostSecretNames).toContain(name);
    const recipients = { emails: ["ops@example.com"], webhook: false };
    const plain = { grantRoles: false, backup: undefined, replicas: 0, redisExporter: false };
    const monitoring = { alarms: [], recipients };
    expect(linesOf("/etc/drops/required-secrets", { ...plain, monitoring })).toEqual([
      "database-url",
      "metrics-token",
    ]);
  });

  it("installs what watches, and neither Node nor a web server's company", () => {
    const packages = linesOf("/etc/drops/packages");
    expect(packages).toEqual(
      expect.arrayContaining(["nginx", "prometheus", "postgresql-client-17", "rclone"]),
    );
    expect(packages).toContain("prometheus-redis-exporter");
    expect(packages.join(" ")).not.toMatch(/nodejs|npm|mtail|redis-server|certbot/);
    expect(linesOf("/etc/drops/packages", { redisExporter: false })).not.toContain(
      "prometheus-redis-exporter",
    );
  });

  it("runs one exporter a database, and its unit alone goes with a replica", () => {
    const unit = (number: number): string =>
      `/etc/systemd/system/drops-postgres-replica-${number}.service`;
    expect(pathsOf({ replicas: 0 }).filter((path) => path.includes("replica"))).toEqual([]);
    expect(fileOf(unit(2), { replicas: 1 })).toBeUndefined();
    const second = fileOf(unit(2), { replicas: 2 });
    expect(second).toContain(" --web.listen-address=127.0.0.1:9189 ");
    expect(second).toContain("EnvironmentFile=/etc/drops/postgres-replica-2.env\n");
    expect(second).toContain("User=prometheus\n");
    expect(second).toContain("WantedBy=multi-user.target\n");
    const [postgres] = jobsOf({ replicas: 2 }).filter(({ job_name }) => job_name === "postgres");
    expect(postgres?.static_configs).toEqual([
      { targets: ["127.0.0.1:9187"], labels: { target: "postgres" } },
      { targets: ["127.0.0.1:9188"], labels: { target: "postgres-replica-1" } },
      { targets: ["127.0.0.1:9189"], labels: { target: "postgres-replica-2" } },
    ]);
  });

  it("measures a replica's lag only where there is one", () => {
    const queries = "/etc/drops/prometheus/postgres-queries.yml";
    expect(fileOf(queries)).toContain("pg_replica:");
    expect(fileOf(queries, { replicas: 0 })).not.toContain("pg_replica:");
  });

  it("scrapes what there is, and probes what it will be told", () => {
    const names = (changes?: Partial<MonitoringHostSpec>): readonly string[] =>
      jobsOf(changes).map(({ job_name }) => job_name);
    expect(names()).toEqual([
      ...["prometheus", "alertmanager", "node", "postgres", "redis", "blackbox"],
    ]);
    expect(names({ redisExporter: false })).not.toContain("redis");
    expect(jobsOf().at(-1)?.file_sd_configs).toEqual([
      { files: ["/var/lib/drops/probe-targets.json"] },
    ]);
  });

  it("takes metrics in on its port, and keeps all that listens by itself on loopback", () => {
    const prometheus = fileOf("/etc/systemd/system/prometheus.service.d/drops.conf");
    expect(prometheus).toContain("--web.enable-remote-write-receiver");
    const site = fileOf("/etc/nginx/sites-available/drops-monitoring", { metricsPort: 9999 });
    expect(site).toContain("listen 9999 default_server;");
    expect(site).toContain(`location = ${metricsIntake.path} {`);
    const listening = renderBundle(monitoringSpec({ replicas: 2 }))
      .files.flatMap(({ content }) => content.split("\n"))
      .filter((line) => /listen-address=/.test(line));
    expect(listening).toHaveLength(8);
    for (const line of listening) expect(line).toMatch(/listen-address=127\.0\.0\.1:\d+/);
  });
});

describe("the first boot of a monitoring host", () => {
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUk ops@example.com";
  const packagesIn = (role?: "app" | "monitoring"): readonly string[] => {
    const text = renderUserData({ user: "drops", sshPublicKeys: [key], ...(role && { role }) });
    const { write_files } = parse(text) as { write_files: { path: string; content: string }[] };
    return write_files
      .find(({ path }) => path === "/var/lib/drops/bootstrap-packages")!
      .content.trim()
      .split("\n");
  };

  it("is the app's without what only the app needs", () => {
    const app = packagesIn();
    expect(packagesIn("app")).toEqual(app);
    expect(app).toEqual(expect.arrayContaining(["nodejs", "npm"]));
    expect(packagesIn("monitoring")).toEqual(
      app.filter((name) => name !== "nodejs" && name !== "npm"),
    );
  });
});
