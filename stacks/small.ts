import * as pulumi from "@pulumi/pulumi";
import { DigitalOceanAlarms } from "../components/alarms/digitalocean";
import { withBackupAge } from "../components/alarms/databaseSignals";
import { monitoringCheck, siteCheck } from "../components/alarms/hostSignals";
import { planAlarms } from "../components/alarms/plan";
import { UptimeChecks } from "../components/alarms/uptimeChecks";
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
import { alarmOutputs, alertSecrets } from "./alerting";
import { backupBucketOf, backupSecrets } from "./backups";
import { adminOutput, databaseSecrets } from "./dataSecrets";
import { accessTo, operator } from "./operator";
import type { ComposedTier, TierOutputs } from "./outputs";
import { postgresOf, redisOf } from "./smallData";
import { hostSpecOf, siteOf } from "./smallHost";

const tier = tiers.small;

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
      role: "app",
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
  const backup = backupBucketOf(config, protect);
  const origin =
    site.kind === "proxied" && config.cloudflare
      ? new OriginRecord("origin", {
          spec: { zoneId: config.cloudflare.zoneId, name: site.originName },
          target: { ipv4: vps.origin },
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
      access: accessTo(vps, config),
      bundle: renderBundle({
        ...hostSpec,
        monitoring: { ...hostSpec.monitoring, alarms: planning.alarms },
      }),
      secrets: {
        ...databaseSecrets(database.postgres),
        "redis-url": cache?.redis.url,
        ...alertSecrets(config),
        "acme-token": config.cloudflare?.acmeToken && pulumi.secret(config.cloudflare.acmeToken),
        ...backupSecrets(backup),
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
    slackUrl: alertSecrets(config)["slack-url"],
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
      edgeOrigin: pulumi.secret({ host: origin?.hostName ?? "", secret: "" }),
      access: vps.access,
      hostVersion: release.version,
      ...alarmOutputs(planning),
      admin: adminOutput(database.postgres, backup),
    },
  };
}
