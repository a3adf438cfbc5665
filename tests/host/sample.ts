import type { AlarmPlan } from "../../components/alarms/types";
import type { AppHostSpec, MonitoringHostSpec, Site } from "../../host/types";

export const sites = {
  proxied: {
    kind: "proxied",
    domain: "drops.example.com",
    originName: "origin-small.example.com",
    acmeEmail: "ops@example.com",
  },
  direct: { kind: "direct", domain: "drops.example.com", acmeEmail: "ops@example.com" },
  address: { kind: "address" },
} as const satisfies Record<Site["kind"], Site>;

/** An alarm on nginx's log, with whatever a test wants different. */
export function sampleAlarm(changes: Partial<AlarmPlan> = {}): AlarmPlan {
  return {
    id: "error-rate-critical-web",
    rule: "error-rate",
    severity: "critical",
    target: "web",
    title: "Error rate of the web server",
    metric: "share of requests answered with a 5xx status",
    comparison: ">",
    threshold: 10,
    unit: "percent",
    windowSeconds: 300,
    missingData: "not-breaching",
    description: "Error rate of the web server above 10 % for 5 minutes.",
    runbook: "docs/runbooks/error-rate.md",
    signals: [
      {
        emitter: "prometheus",
        exporter: "access log (mtail)",
        expr: '100 * (sum(rate(drops_http_requests_total{code="5xx"}[$window])) or vector(0)) / sum(rate(drops_http_requests_total[$window]))',
        windowInExpr: true,
      },
    ],
    ...changes,
  };
}

/** A small tier's host with everything switched on, and whatever a test wants different. */
export function sampleSpec(changes: Partial<AppHostSpec> = {}): AppHostSpec {
  return {
    role: "app",
    stack: "small",
    tier: "small",
    site: sites.proxied,
    app: {
      processes: 2,
      port: 3000,
      maxMemoryMib: 600,
      environment: {
        NODE_ENV: "production",
        PORT: "3000",
        PUBLIC_URL: "https://drops.example.com",
        DROPS_TIER: "small",
        DROPS_STACK: "small",
        DATABASE_POOL_MAX: "3",
        REDIS_MODE: "single",
      },
    },
    redis: { maxMemoryMib: 256 },
    grantRoles: true,
    monitoring: {
      alarms: [sampleAlarm()],
      recipients: {
        emails: ["ops@example.com"],
        slackChannel: "#ops",
        webhook: true,
        smtp: {
          host: "smtp.example.com",
          port: 2525,
          username: "drops",
          from: "alarms@example.com",
        },
      },
      probeUrl: "https://drops.example.com/healthz",
    },
    backup: {
      endpoint: "fra1.digitaloceanspaces.com",
      region: "fra1",
      retentionDays: 30,
      hourUtc: 2,
    },
    ...changes,
  };
}

/** A medium tier's monitoring host with everything switched on, and whatever a test wants different. */
export function monitoringSpec(changes: Partial<MonitoringHostSpec> = {}): MonitoringHostSpec {
  const { grantRoles, backup, monitoring } = sampleSpec();
  const { alarms, recipients } = monitoring;
  return {
    role: "monitoring",
    stack: "medium",
    tier: "medium",
    grantRoles,
    redisExporter: true,
    replicas: 1,
    metricsPort: 4318,
    monitoring: { alarms, recipients },
    backup,
    ...changes,
  };
}

/** The same spec with the app and its environment on another port. */
export function onPort(spec: AppHostSpec, port: number): AppHostSpec {
  const environment = { ...spec.app.environment, PORT: String(port) };
  return { ...spec, app: { ...spec.app, port, environment } };
}
