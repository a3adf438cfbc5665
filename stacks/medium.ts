import * as pulumi from "@pulumi/pulumi";
import { withBackupAge } from "../components/alarms/databaseSignals";
import { DigitalOceanAlarms } from "../components/alarms/digitalocean";
import { monitoringCheck, siteCheck } from "../components/alarms/hostSignals";
import { planAlarms } from "../components/alarms/plan";
import { UptimeChecks } from "../components/alarms/uptimeChecks";
import { AppPlatform, appTargets } from "../components/compute/appPlatform";
import type { SealedSecrets } from "../components/compute/appSecrets";
import { HostProbe } from "../components/compute/hostProbe";
import { HostRelease } from "../components/compute/hostRelease";
import { Vps } from "../components/compute/vps";
import { DigitalOceanVpc } from "../components/network/digitaloceanVpc";
import { OriginRecord } from "../components/network/originRecord";
import { GeneratedSecret } from "../components/secrets/generatedSecret";
import { renderBundle } from "../host/bundle";
import { checkSpec } from "../host/checkSpec";
import { metricsIntake } from "../host/paths";
import type { MonitoringHostSpec } from "../host/types";
import { regions } from "../prices/digitalocean";
import { originName } from "../settings/names";
import type { MediumConfig } from "../settings/schema";
import { tiers } from "../tiers";
import { editedRules } from "../tiers/thresholds";
import { alarmOutputs, alertSecrets, recipientsOf } from "./alerting";
import { backupBucketOf, backupSecrets, hostBackupOf } from "./backups";
import { adminOutput, databaseSecrets } from "./dataSecrets";
import { appSpecOf, environmentOf } from "./mediumApp";
import { postgresOf, redisOf } from "./mediumData";
import { accessTo, operator } from "./operator";
import type { ComposedTier, TierOutputs } from "./outputs";

const tier = tiers.medium;

/** Name of the output that the next deploy reads. */
export const sealedSecretsOutput = "sealedSecrets" satisfies keyof MediumOutputs;

/** What a medium stack tells beside what every tier tells. */
export interface MediumOutputs extends TierOutputs {
  /** Id of the app, as `doctl apps` wants it. */
  readonly appId: pulumi.Output<string>;
  /** Secret: the app's secrets as the platform keeps them, for the next deploy. */
  readonly sealedSecrets: pulumi.Output<SealedSecrets>;
}

/**
 * 10,000-50,000 users: containers on App Platform, a Postgres cluster, Valkey, and a droplet that
 * watches them. The database's rights are granted from that droplet, so it stands before the app.
 */
export function composeMedium(
  stack: string,
  config: MediumConfig,
  /** The app's secrets as the platform told them after the last deploy; empty before the first. */
  sealed: SealedSecrets,
): ComposedTier<MediumOutputs> {
  const protect = config.protection === "on";
  const recipients = recipientsOf(config);
  const slackUrl = alertSecrets(config)["slack-url"];
  const hostSpec = hostSpecOf(stack, config);
  // Before any resource: what the host's files could not carry must not leave half a stack behind.
  checkSpec(hostSpec);
  const appSpec = appSpecOf(stack, config);

  const network = new DigitalOceanVpc("network", {
    spec: { region: config.region, cidr: config.vpcCidr },
  });
  const database = postgresOf(config, { network, protect });
  const cache = redisOf(config, { network, protect });
  const monitoring = monitoringDroplet(stack, config, network);
  const backup = backupBucketOf(config, protect);
  const metricsToken = new GeneratedSecret("metrics-token", {});
  const originSecret = config.cloudflare && new GeneratedSecret("origin-secret", {});

  const planning = planAlarms({
    rules: editedRules(config.thresholds),
    runbookBaseUrl: config.alerts.runbookBaseUrl,
    recipients,
    targets: [
      ...appTargets(appSpec),
      ...database.postgres.alarmTargets.map((target) => (backup ? withBackupAge(target) : target)),
      ...database.replicas.flatMap(({ alarmTargets }) => alarmTargets),
      ...(cache?.redis.alarmTargets ?? []),
      ...monitoring.alarmTargets,
    ],
  });

  const access = accessTo(monitoring, config);
  const dataReady = [
    ...database.postgres.ready,
    ...database.replicas.flatMap(({ ready }) => ready),
    ...(cache?.redis.ready ?? []),
  ];
  const host = new HostRelease(
    "host",
    {
      access,
      bundle: renderBundle({
        ...hostSpec,
        monitoring: { ...hostSpec.monitoring, alarms: planning.alarms },
      }),
      secrets: {
        ...databaseSecrets(database.postgres),
        "database-replica-url-1": database.replicas[0]?.appUrl,
        "database-replica-url-2": database.replicas[1]?.appUrl,
        "redis-url": cache?.redis.url,
        "metrics-token": metricsToken.value,
        ...alertSecrets(config),
        ...backupSecrets(backup),
      },
    },
    { dependsOn: [...monitoring.ready, ...dataReady] },
  );

  const publicUrl = config.domain === undefined ? "" : `https://${config.domain}`;
  const app = new AppPlatform(
    "app",
    {
      vpcId: network.vpcId,
      spec: appSpec,
      environment: environmentOf({
        stack,
        config,
        publicUrl,
        database,
        redis: cache?.redis,
        metrics: {
          url: pulumi.interpolate`http://${monitoring.privateAddress}:${tier.monitoring.metricsPort}${metricsIntake.path}`,
          token: metricsToken.value,
        },
        originSecret: originSecret?.value,
      }),
      registryCredentials: config.registryCredentials && pulumi.secret(config.registryCredentials),
      sealed,
      alerts: { alarms: planning.alarms, recipients, slackUrl },
    },
    { dependsOn: [...dataReady, ...host.ready] },
  );
  const reachedAt = config.domain === undefined ? app.ingressUrl : pulumi.output(publicUrl);
  const probeUrl = pulumi.interpolate`${reachedAt}${appSpec.web.livePath}`;
  new HostProbe("probe", { access, url: probeUrl }, { dependsOn: [...host.ready] });
  const origin =
    config.cloudflare &&
    new OriginRecord("origin", {
      spec: {
        zoneId: config.cloudflare.zoneId,
        name: originName(stack, config.cloudflare.zone),
      },
      target: undefined,
    });

  const checks = new UptimeChecks("uptime", {
    regions: regions[config.region].uptimeRegions,
    checks: [
      { id: siteCheck, title: "site", type: "https" },
      { id: monitoringCheck, title: "monitoring", type: "http" },
    ],
    targets: {
      [siteCheck]: probeUrl,
      [monitoringCheck]: pulumi.interpolate`http://${monitoring.origin}/monitoring/healthz`,
    },
  });
  new DigitalOceanAlarms("alarms", {
    alarms: planning.alarms,
    recipients,
    slackUrl,
    entities: {
      ...database.entities,
      ...cache?.entities,
      [monitoringId]: monitoring.entity,
    },
    checks: checks.ids,
  });

  return {
    planning,
    outputs: {
      tier: tier.kind,
      publicUrl: reachedAt,
      origin: app.ingressHost,
      originName: origin?.hostName ?? pulumi.output(""),
      edgeOrigin: pulumi.secret({
        // Without the secret no Cloudflare of ours may stand before it.
        host: originSecret ? app.ingressHost : "",
        secret: originSecret?.value ?? "",
      }),
      access: monitoring.access,
      hostVersion: host.version,
      ...alarmOutputs(planning),
      appId: app.appId,
      sealedSecrets: app.sealed,
      admin: adminOutput(
        database.postgres,
        backup,
        database.replicas.map(({ appUrl }) => appUrl),
      ),
    },
  };
}

/** The droplet's alarm target, and the beginning of its resources' names. */
const monitoringId = "monitoring";

function monitoringDroplet(stack: string, config: MediumConfig, network: DigitalOceanVpc): Vps {
  return new Vps(monitoringId, {
    vpcId: network.vpcId,
    spec: {
      role: "monitoring",
      hostName: `drops-${stack}-monitoring`,
      region: config.region,
      size: config.monitoring.size,
      image: tier.monitoring.image,
      backups: config.monitoring.backups,
      rebuild: config.monitoring.rebuild,
      user: operator,
      sshPublicKey: config.ssh.publicKey,
      existingKeyFingerprint: config.ssh.existingFingerprint,
      sshCidrs: config.ssh.cidrs,
      // Probes come from addresses that nobody publishes, and see no more than "alive".
      webFrom: "anyone",
      tls: false,
      privatePorts: [{ port: tier.monitoring.metricsPort, cidr: config.vpcCidr }],
      protect: config.protection === "on",
    },
  });
}

function hostSpecOf(stack: string, config: MediumConfig): MonitoringHostSpec {
  return {
    role: "monitoring",
    stack,
    tier: tier.kind,
    grantRoles: config.postgres.provider === "digitalocean",
    redisExporter: config.redis.provider !== "none",
    replicas: config.postgres.provider === "digitalocean" ? config.postgres.readReplicas : 0,
    metricsPort: tier.monitoring.metricsPort,
    monitoring: { alarms: [], recipients: recipientsOf(config) },
    backup: hostBackupOf(config, tier.backups.dumpHourUtc),
  };
}
