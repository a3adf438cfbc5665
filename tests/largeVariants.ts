/** A way to set a large stack: what is set, and which keys of the committed file are left out. */
export interface Variant {
  readonly title: string;
  readonly settings: readonly string[];
  readonly without?: readonly string[];
}

const certificate = (region: string): string =>
  `arn:aws:acm:${region}:123456789012:certificate/12345678-1234-1234-1234-123456789012`;
const noZone = ["drops:cloudflare"];
const noDomain = [...noZone, "drops:domain"];
const digest = `sha256:${"0".repeat(64)}`;

/** Every setting that changes which resources there are, in at least one of them. */
export const largeVariants: readonly Variant[] = [
  { title: "as committed", settings: [] },
  { title: "no domain", settings: [], without: noDomain },
  {
    title: "a domain with certificates of its own",
    settings: [
      `certificates.edgeArn=${certificate("us-east-1")}`,
      `certificates.balancerArn=${certificate("us-east-1")}`,
    ],
    without: noZone,
  },
  {
    title: "a certificate for CloudFront alone",
    settings: [`certificates.edgeArn=${certificate("us-east-1")}`],
    without: noZone,
  },
  { title: "Cloudflare as the edge", settings: ["edge=cloudflare"] },
  { title: "another region", settings: ["region=eu-west-1"] },
  {
    title: "everything on",
    settings: [
      "network.natGateways=3",
      "network.interfaceEndpoints=on",
      "network.flowLogs=all",
      "app.exec=on",
      "postgres.proxy=on",
      "postgres.readers=2",
      "postgres.readerScaling.maxReaders=4",
      "postgres.insights=advanced",
      "postgres.storage=io-optimized",
      "backups.copyRegion=us-west-2",
      'services=[{"name":"mailer","command":["node","dist/mailer.js"]}]',
      "alerts.slack.teamId=T0123ABCDEF",
      "alerts.slack.channelId=C0123ABCDEF",
      "alerts.webhook.url=https://alerts.example.com/replace-me",
      "registryCredentials=octocat:replace-me",
    ],
  },
  {
    title: "everything off",
    settings: [
      "protection=off",
      "network.natGateways=1",
      "worker.minTasks=0",
      "postgres.readers=0",
      "redis.provider=none",
      "backups.plan=off",
      "hsts.maxAgeSeconds=0",
    ],
    without: noDomain,
  },
  {
    title: "a network without a way out",
    settings: [
      "network.natGateways=0",
      "network.interfaceEndpoints=on",
      "network.flowLogs=rejected",
      `image=${digest}`,
    ],
  },
  { title: "serverless instances", settings: ["postgres.mode=serverless"] },
  {
    title: "an image in the account's registry elsewhere",
    settings: [`image=123456789012.dkr.ecr.eu-west-1.amazonaws.com/drops@${digest}`],
  },
  {
    title: "data of other vendors",
    settings: [
      "postgres.provider=external",
      "postgres.url=postgresql://drops_app:replace-me@db.example.com:6543/drops?sslmode=require",
      "postgres.ownerUrl=postgresql://drops_owner:replace-me@db.example.com/drops?sslmode=require",
      "postgres.connectionLimit=500",
      "redis.provider=external",
      "redis.url=rediss://default:replace-me@cache.example.com:6380",
    ],
  },
  {
    title: "scale that never moves",
    settings: [
      "app.minTasks=4",
      "app.maxTasks=4",
      "worker.minTasks=1",
      "worker.maxTasks=1",
      "redis.shards=3",
      "redis.replicasPerShard=2",
      "redis.nodeType=cache.m7g.large",
    ],
  },
];
