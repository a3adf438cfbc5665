import { Provider } from "@pulumi/aws/provider";
import * as pulumi from "@pulumi/pulumi";
import { AppBalancer, balancerPort } from "../components/compute/appBalancer";
import { AwsEndpoints } from "../components/network/awsEndpoints";
import { AwsSecurityGroups } from "../components/network/awsSecurityGroups";
import { AwsVpc } from "../components/network/awsVpc";
import { GeneratedSecret } from "../components/secrets/generatedSecret";
import { largeZones } from "../settings/largePlace";
import { appName } from "../settings/names";
import type { LargeConfig } from "../settings/schema";
import { tiers } from "../tiers";
import { alarmOutputs } from "./alerting";
import { planLargeAlarms } from "./largeAlarmPlan";
import { largeAlarmsOf } from "./largeAlarms";
import { storeSecrets, type LargeAppParts } from "./largeApp";
import { largeBackupsOf, largePostgresOf, largeRedisOf } from "./largeData";
import {
  balancerFrom,
  certificatesOf,
  cloudfrontOf,
  edgePlanOf,
  hasSnippet,
  originOf,
} from "./largeEdge";
import { servicesOf } from "./largeServices";
import type { ComposedTier, TierOutputs } from "./outputs";

const tier = tiers.large;

/** What a large stack tells beside what every tier tells. */
export interface LargeOutputs extends TierOutputs {
  /** Subscribers that have not confirmed yet, and so hear of nothing. */
  readonly pendingConfirmations: pulumi.Output<readonly string[]>;
}

/**
 * 50,000 users and more: containers on ECS in three zones, Aurora, a Valkey cluster, CloudFront, and
 * CloudWatch that watches all of them.
 */
export function composeLarge(stack: string, config: LargeConfig): ComposedTier<LargeOutputs> {
  // Before any resource: what it refuses must not leave half a stack behind.
  const plan = planLargeAlarms(stack, config);
  const { planning } = plan;
  const protect = config.protection === "on";
  const name = appName(stack);
  const provider = new Provider("aws", {
    region: config.region,
    defaultTags: { tags: { "drops:stack": stack, "drops:tier": tier.kind } },
  });
  const opts = { providers: [provider] };
  const edge = edgePlanOf(stack, config);
  // The invariants hold: the region has so many zones.
  const zones = largeZones(config);

  const network = new AwsVpc(
    "network",
    {
      spec: {
        name,
        zones,
        cidr: config.vpcCidr,
        natGateways: config.network.natGateways,
        flowLogs: config.network.flowLogs,
        flowLogRetentionDays: config.logs.retentionDays,
      },
    },
    opts,
  );
  const endpoints = config.network.interfaceEndpoints === "on";
  const groups = new AwsSecurityGroups(
    "security",
    {
      vpcId: network.vpcId,
      spec: {
        name,
        balancerFrom: balancerFrom(edge, config),
        balancerPort: balancerPort(edge.tls),
        appPort: tier.web.port,
        database: config.postgres.provider === "aurora",
        cache: config.redis.provider === "elasticache",
        proxy: config.postgres.provider === "aurora" && config.postgres.proxy === "on",
        endpoints,
        outsidePorts: outsidePortsOf(config),
      },
    },
    opts,
  );
  const privateWays =
    endpoints && groups.endpointsId
      ? new AwsEndpoints(
          "endpoints",
          {
            vpcId: network.vpcId,
            subnetIds: network.privateSubnetIds,
            securityGroupId: groups.endpointsId,
            spec: { name, region: config.region, exec: config.app.exec === "on" },
          },
          opts,
        )
      : undefined;

  const place = { stack, network, groups, zones, protect, opts };
  const { postgres, aurora } = largePostgresOf(config, place);
  const redis = largeRedisOf(config, place);
  const backups = largeBackupsOf(config, place, aurora);

  const certificates = certificatesOf(edge, config, opts);
  const balancer = new AppBalancer(
    "balancer",
    {
      vpcId: network.vpcId,
      subnetIds: edge.cloudfront ? network.privateSubnetIds : network.publicSubnetIds,
      securityGroupId: groups.balancerId,
      certificateArn: certificates.balancerArn,
      ready: network.ready,
      spec: {
        name,
        internal: edge.cloudfront,
        tls: edge.tls,
        hosts: edge.cloudfront ? undefined : edge.hosts,
        port: tier.web.port,
        // Not readiness: ECS replaces what fails it, and a new task would not reach a lost database either.
        healthPath: "/startupz",
        idleTimeoutSeconds: config.app.idleTimeoutSeconds,
        deregistrationSeconds: config.app.drainSeconds,
        protect,
        logs: true,
        logRetentionDays: config.logs.retentionDays,
      },
    },
    opts,
  );
  const cdn = cloudfrontOf(stack, config, edge, balancer, certificates.edgeArn, opts);

  const data = { postgres, readerUrl: aurora?.readerUrl, redis };
  // Cloudflare's addresses are everybody's who has a Worker there: only who knows this is the edge.
  const originSecret = hasSnippet(config)
    ? new GeneratedSecret("origin-secret", {}).value
    : undefined;
  const publicUrl = config.domain === undefined ? "" : `https://${config.domain}`;
  const parts: LargeAppParts = {
    ...data,
    stack,
    config,
    publicUrl,
    visitor: edge.visitor,
    secrets: storeSecrets(stack, config, { ...data, originSecret }, opts),
  };
  const services = servicesOf(
    parts,
    {
      subnetIds: network.privateSubnetIds,
      securityGroupId: groups.appId,
      ready: [
        ...network.ready,
        ...groups.ready,
        ...(privateWays?.ready ?? []),
        ...postgres.ready,
        ...(redis?.ready ?? []),
      ],
      opts,
    },
    balancer,
  );

  const origin = originOf(stack, config, cdn?.domainName ?? balancer.dnsName, opts);
  const reachedAt =
    publicUrl === "" && cdn
      ? pulumi.interpolate`https://${cdn.domainName}`
      : pulumi.output(publicUrl);
  const pendingConfirmations = largeAlarmsOf({
    stack,
    config,
    plan,
    clusterName: services.clusterName,
    balancer,
    cdn,
    host: pulumi.output(config.domain ?? cdn?.domainName ?? balancer.dnsName),
    certificates,
    backupPlan: backups.plan,
    opts,
  });

  return {
    planning,
    outputs: {
      tier: tier.kind,
      publicUrl: reachedAt,
      origin: cdn?.domainName ?? balancer.dnsName,
      originName: origin?.hostName ?? pulumi.output(""),
      edgeOrigin: pulumi.secret({ host: origin?.hostName ?? "", secret: originSecret ?? "" }),
      // Nothing is reached by SSH: a shell in a task, where drops:app.exec is on.
      access: pulumi.output(`ecs:${services.clusterName}/${services.web.serviceName}`),
      hostVersion: pulumi.output(""),
      ...alarmOutputs(planning),
      pendingConfirmations,
      admin: pulumi.secret({
        databaseAdminUrl: postgres.adminUrl ?? "",
        databaseOwnerUrl: postgres.ownerUrl,
        databaseAppUrl: postgres.appUrl,
        ...(aurora?.readerUrl && { databaseReplicaUrls: [aurora.readerUrl] }),
        backupBucket: backups.bucket.bucketName,
        // Whoever has the account's own credentials reads it.
        backupAccessKey: "",
        backupSecretKey: "",
      }),
    },
  };
}

/** Ports of services outside AWS that the app has to reach, where they can be read here. */
function outsidePortsOf({ postgres, redis }: LargeConfig): number[] {
  const portOf = (url: string | undefined, usual: number): number =>
    url !== undefined && URL.canParse(url) ? Number(new URL(url).port || usual) : usual;
  return [
    ...(postgres.provider === "external"
      ? [portOf(postgres.url, 5432), portOf(postgres.ownerUrl, 5432)]
      : []),
    ...(redis.provider === "external" ? [portOf(redis.url, 6379)] : []),
  ].filter((port, index, all) => all.indexOf(port) === index);
}
