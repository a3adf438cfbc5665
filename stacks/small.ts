import * as pulumi from "@pulumi/pulumi";
import { DigitalOceanAlarms } from "../components/alarms/digitalocean";
import { withBackupAge } from "../components/alarms/databaseSignals";
import { monitoringCheck, siteCheck } from "../components/alarms/hostSignals";
import { planAlarms, type AlarmPlanning } from "../components/alarms/plan";
import type { Recipients } from "../components/alarms/types";
import { UptimeChecks } from "../components/alarms/uptimeChecks";
import { BackupBucket } from "../components/backup/spacesBucket";
import { HostRelease } from "../components/compute/hostRelease";
import { Vps } from "../components/compute/vps";
import { DigitalOceanVpc } from "../components/network/digitaloceanVpc";
import { OriginRecord, originName } from "../components/network/originRecord";
import { renderBundle } from "../host/bundle";
import type { Site } from "../host/types";
import { regions } from "../prices/digitalocean";
import { processesOf } from "../settings/connections";
import type { SmallConfig } from "../settings/schema";
import { tiers } from "../tiers";
import { editedRules } from "../tiers/thresholds";
import type { TierOutputs } from "./outputs";
import { postgresOf, redisOf } from "./smallData";

const tier = tiers.small;
const operator = "drops";

export interface ComposedTier<Outputs> {
  readonly outputs: Outputs;
  readonly planning: AlarmPlanning;
}

/** 0-10,000 users: one server with the app, Redis and its monitoring; a managed Postgres; Cloudflare. */
export function composeSmall(stack: string, config: SmallConfig): ComposedTier<TierOutputs> {
  const protect = config.protection === "on";
  const site = siteOf(stack, config);
  const tls = site.kind !== "address";

  const network = new DigitalOceanVpc("network", {
    spec: { region: config.region, cidr: config.vpcCidr },
  });
  const vps = new Vps("vps", {
    vpcId: network.vpcId,
    spec: {
      hostName: `drops-${stack}`,
      region: config.region,
      size: config.vps.size,
      image: tier.vps.image,
      backups: config.vps.backups,
      rebuild: config.vps.rebuild,
      user: operator,
      sshPublicKey: config.ssh.publicKey,
      sshCidrs: config.ssh.cidrs,
      webFrom: site.kind === "proxied" ? "cloudflare" : "anyone",
      tls,
      protect,
    },
  });
  const database = postgresOf(config, { network, vps, protect });
  const cache = redisOf(config, { network, vps, protect });
  const backup =
    config.backups.dump === "on"
      ? new BackupBucket("backup", {
          spec: {
            region: regions[config.region].spacesRegionNear,
            retentionDays: config.backups.retentionDays,
            protect,
          },
        })
      : undefined;
  const origin =
    site.kind === "proxied" && config.cloudflare
      ? new OriginRecord("origin", {
          spec: { zoneId: config.cloudflare.zoneId, name: site.originName },
          address: vps.origin,
        })
      : undefined;
  const publicUrl = tls
    ? pulumi.output(`https://${site.domain}`)
    : pulumi.interpolate`http://${vps.origin}`;

  const recipients = recipientsOf(config);
  const planning = planAlarms({
    rules: editedRules(config.thresholds),
    runbookBaseUrl: config.alerts.runbookBaseUrl,
    recipients,
    targets: [
      ...vps.alarmTargets,
      ...database.postgres.alarmTargets.map((target) => (backup ? withBackupAge(target) : target)),
      ...(cache?.redis.alarmTargets ?? []),
    ],
  });

  const release = new HostRelease(
    "host",
    {
      host: vps.origin,
      machineId: vps.entity,
      user: operator,
      privateKey: config.ssh.privateKey && pulumi.secret(config.ssh.privateKey),
      bundle: renderBundle({
        stack,
        tier: tier.kind,
        site,
        app: {
          processes: processesOf(config),
          port: tier.app.port,
          maxMemoryMib: config.app.maxMemoryMib,
          environment: {
            NODE_ENV: "production",
            PORT: String(tier.app.port),
            PUBLIC_URL: tls ? `https://${site.domain}` : "",
            DROPS_TIER: tier.kind,
            DROPS_STACK: stack,
            DATABASE_POOL_MAX: String(config.app.poolPerProcess),
            REDIS_MODE: cache?.redis.mode ?? "none",
          },
        },
        redis:
          config.redis.provider === "host"
            ? { maxMemoryMib: config.redis.maxMemoryMib }
            : undefined,
        grantRoles: database.postgres.adminUrl !== undefined,
        monitoring: {
          alarms: planning.alarms,
          recipients,
          probeUrl: tls ? `https://${site.domain}/healthz` : "http://127.0.0.1/healthz",
        },
        backup: backup && {
          endpoint: backup.endpoint,
          region: regions[config.region].spacesRegionNear,
          retentionDays: config.backups.retentionDays,
          hourUtc: tier.backups.dumpHourUtc,
        },
      }),
      secrets: {
        "database-url": database.postgres.appUrl,
        "database-owner-url": database.postgres.ownerUrl,
        "database-admin-url": database.postgres.adminUrl,
        "database-ca": database.postgres.caCertificate,
        "redis-url": cache?.redis.url,
        "slack-url": config.alerts.slack && pulumi.secret(config.alerts.slack.url),
        "webhook-url": config.alerts.webhook && pulumi.secret(config.alerts.webhook.url),
        "smtp-password": config.alerts.smtp && pulumi.secret(config.alerts.smtp.password),
        "acme-token": config.cloudflare?.acmeToken && pulumi.secret(config.cloudflare.acmeToken),
        "backup-bucket": backup?.bucketName,
        "backup-access-key": backup?.accessKey,
        "backup-secret-key": backup?.secretKey,
      },
    },
    { dependsOn: [...vps.ready, ...database.postgres.ready, ...(cache?.redis.ready ?? [])] },
  );

  const probed = tls ? "https" : "http";
  const checks = new UptimeChecks("uptime", {
    regions: regions[config.region].uptimeRegions,
    checks: [
      { id: siteCheck, title: "site", type: probed },
      { id: monitoringCheck, title: "monitoring", type: probed },
    ],
    targets: {
      [siteCheck]: pulumi.interpolate`${publicUrl}/healthz`,
      [monitoringCheck]: pulumi.interpolate`${publicUrl}/monitoring/healthz`,
    },
  });
  new DigitalOceanAlarms("alarms", {
    alarms: planning.alarms,
    recipients,
    slackUrl: config.alerts.slack && pulumi.secret(config.alerts.slack.url),
    entities: {
      web: vps.entity,
      ...(database.entity && { postgres: database.entity }),
      ...(cache?.entity && { redis: cache.entity }),
    },
    checks: checks.ids,
  });

  return {
    planning,
    outputs: {
      tier: tier.kind,
      publicUrl,
      origin: vps.origin,
      originName: origin?.hostName ?? pulumi.output(""),
      access: vps.access,
      hostVersion: release.version,
      alarms: planning.alarms.map(({ id }) => id),
      uncovered: planning.uncovered.map(
        ({ rule, severity, target, reason }) => `${rule}-${severity}-${target}: ${reason}`,
      ),
      admin: pulumi.secret({
        databaseAdminUrl: database.postgres.adminUrl ?? "",
        databaseOwnerUrl: database.postgres.ownerUrl,
        databaseAppUrl: database.postgres.appUrl,
        backupBucket: backup?.bucketName ?? "",
        backupAccessKey: backup?.accessKey ?? "",
        backupSecretKey: backup?.secretKey ?? "",
      }),
    },
  };
}

function siteOf(stack: string, { domain, cloudflare, alerts }: SmallConfig): Site {
  if (domain === undefined) return { kind: "address" };
  const acmeEmail = alerts.emails[0] ?? "";
  return cloudflare === undefined
    ? { kind: "direct", domain, acmeEmail }
    : { kind: "proxied", domain, originName: originName(stack, cloudflare.zone), acmeEmail };
}

function recipientsOf({ alerts }: SmallConfig): Recipients {
  const { emails, slack, webhook, smtp } = alerts;
  return {
    emails,
    webhook: webhook !== undefined,
    ...(slack && { slackChannel: slack.channel }),
    ...(smtp && {
      smtp: { host: smtp.host, port: smtp.port, username: smtp.username, from: smtp.from },
    }),
  };
}
