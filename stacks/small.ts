import * as pulumi from "@pulumi/pulumi";
import { DigitalOceanAlarms } from "../components/alarms/digitalocean";
import { withBackupAge } from "../components/alarms/databaseSignals";
import { monitoringCheck, siteCheck } from "../components/alarms/hostSignals";
import { planAlarms, type AlarmPlanning } from "../components/alarms/plan";
import { UptimeChecks } from "../components/alarms/uptimeChecks";
import { BackupBucket } from "../components/backup/spacesBucket";
import { HostRelease } from "../components/compute/hostRelease";
import { Vps } from "../components/compute/vps";
import { DigitalOceanVpc } from "../components/network/digitaloceanVpc";
import { OriginRecord } from "../components/network/originRecord";
import { renderBundle } from "../host/bundle";
import { checkSpec } from "../host/checkSpec";
import { regions } from "../prices/digitalocean";
import type { SmallConfig } from "../settings/schema";
import { tiers } from "../tiers";
import { editedRules } from "../tiers/thresholds";
import type { TierOutputs } from "./outputs";
import { postgresOf, redisOf } from "./smallData";
import { hostSpecOf, siteOf } from "./smallHost";

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
  const hostSpec = hostSpecOf(stack, config, site);
  // Before any resource: what the host's files could not carry must not leave half a stack behind.
  checkSpec(hostSpec);
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
      existingKeyFingerprint: config.ssh.existingFingerprint,
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

  const { recipients } = hostSpec.monitoring;
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
      hostKey: config.ssh.hostKey,
      bundle: renderBundle({
        ...hostSpec,
        monitoring: { ...hostSpec.monitoring, alarms: planning.alarms },
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
