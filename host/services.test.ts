import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { sampleSpec, sites } from "../tests/host/sample";
import { renderBundle } from "./bundle";
import { hostFile } from "./files";
import { pm2Version } from "./packages";
import type { HostSpec } from "./types";

const fileOf = (path: string, spec: HostSpec = sampleSpec()): string =>
  renderBundle(spec).files.find((file) => file.path === path)!.content;

/** PM2's view of the ecosystem file, on a host whose secrets are as given. */
function ecosystem(environment: Record<string, string>): Record<string, unknown> {
  const module = { exports: {} as { apps: Record<string, unknown>[] } };
  const read: string[] = [];
  runInNewContext(fileOf("/etc/drops/ecosystem.config.js"), {
    module,
    JSON,
    require: () => ({
      readFileSync: (path: string) => {
        read.push(path);
        return JSON.stringify(environment);
      },
    }),
  });
  expect(read).toEqual(["/etc/drops/app.env.json"]);
  return module.exports.apps[0]!;
}

describe("PM2", () => {
  it("runs the document's ecosystem with the spec's numbers", () => {
    expect(ecosystem({ DATABASE_URL: "from the host" })).toMatchObject({
      name: "drops-app",
      script: "dist/index.js",
      cwd: "/srv/drops/current",
      exec_mode: "cluster",
      instances: 2,
      max_memory_restart: "600M",
      kill_timeout: 30_000,
      time: true,
      env: { DATABASE_URL: "from the host" },
    });
  });

  it("starts at once and at boot, as the app's user, and only with a release", () => {
    const unit = fileOf("/etc/systemd/system/drops-app.service");
    expect(unit).toContain("User=drops-app\n");
    expect(unit).toContain("ExecStart=pm2 start /etc/drops/ecosystem.config.js\n");
    expect(unit).toContain("ConditionPathExists=/srv/drops/current/dist/index.js\n");
    expect(unit).toContain("WantedBy=multi-user.target\n");
    // PM2 needs longer to let websockets go than systemd would wait by default in a stop.
    expect(unit).toContain("TimeoutStopSec=60s\n");
  });

  it("is installed at one pinned version", () => {
    expect(pm2Version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(fileOf("/etc/drops/host.env")).toContain(`DROPS_PM2_VERSION='${pm2Version}'`);
    expect(hostFile("apply.sh")).toContain("pm2@$DROPS_PM2_VERSION");
  });
});

describe("Redis on the host", () => {
  it("is a cache on loopback that keeps nothing", () => {
    const lines = fileOf("/etc/drops/redis.conf").split("\n");
    for (const line of [
      "bind 127.0.0.1",
      "protected-mode yes",
      "maxmemory 256mb",
      "maxmemory-policy allkeys-lru",
      'save ""',
      "appendonly no",
    ]) {
      expect(lines).toContain(line);
    }
    expect(fileOf("/etc/systemd/system/redis-server.service.d/drops.conf")).toContain(
      "MemoryMax=384M",
    );
  });
});

describe("certificates", () => {
  it("come by DNS behind Cloudflare and by webroot otherwise, both from one script", () => {
    const script = hostFile("certificate.sh");
    expect(script).toContain("--dns-cloudflare-credentials /etc/drops/acme-cloudflare.ini");
    expect(script).toContain("--webroot --webroot-path /var/lib/drops/acme");
    expect(script).not.toMatch(/certbot.*--nginx/);
    expect(fileOf("/etc/drops/host.env")).toContain(
      "DROPS_NAMES='drops.example.com origin-small.example.com'",
    );
    expect(fileOf("/etc/drops/host.env", sampleSpec({ site: sites.address }))).toContain(
      "DROPS_NAMES=''",
    );
  });

  it("are reloaded after each renewal", () => {
    expect(fileOf("/etc/letsencrypt/renewal-hooks/deploy/drops")).toContain(
      "systemctl reload nginx",
    );
  });
});

describe("backups", () => {
  it("run nightly at the spec's hour, late rather than never", () => {
    const timer = fileOf("/etc/systemd/system/drops-backup.timer");
    expect(timer).toContain("OnCalendar=*-*-* 02:00:00 UTC\n");
    expect(timer).toContain("Persistent=true\n");
    expect(fileOf("/etc/drops/backup.env")).toBe(`BACKUP_PREFIX='dumps/small'
BACKUP_ENDPOINT='fra1.digitaloceanspaces.com'
BACKUP_REGION='fra1'
BACKUP_RETENTION_DAYS='30'
`);
  });
});

describe("Prometheus", () => {
  it("keeps more than the 30 days its rules look back, within the disk", () => {
    const unit = fileOf("/etc/systemd/system/prometheus.service.d/drops.conf");
    expect(unit).toContain("--storage.tsdb.retention.time=40d");
    expect(unit).toContain("--storage.tsdb.retention.size=8GB");
  });

  it("scrapes every exporter each 15 seconds, Redis only where there is one", () => {
    const jobs = (spec: HostSpec): unknown => {
      const config = parse(fileOf("/etc/drops/prometheus/prometheus.yml", spec)) as {
        global: { scrape_interval: string };
        scrape_configs: { job_name: string }[];
      };
      expect(config.global.scrape_interval).toBe("15s");
      return config.scrape_configs.map((job) => job.job_name);
    };
    const all = ["prometheus", "alertmanager", "node", "mtail", "postgres", "redis", "blackbox"];
    expect(jobs(sampleSpec())).toEqual(all);
    const { app } = sampleSpec();
    const none = { ...app, environment: { ...app.environment, REDIS_MODE: "none" as const } };
    expect(jobs(sampleSpec({ redis: undefined, app: none }))).toEqual(
      all.filter((job) => job !== "redis"),
    );
  });

  it("does not use the exporter's own statement collector, which fails without pg_monitor", () => {
    const unit = fileOf("/etc/systemd/system/prometheus-postgres-exporter.service.d/drops.conf");
    expect(unit).not.toContain("--collector.stat_statements");
    expect(unit).toContain("--extend.query-path=/etc/drops/prometheus/postgres-queries.yml");
    expect(unit).toContain("EnvironmentFile=/etc/drops/postgres-exporter.env");
  });
});
