import { z } from "zod";
import { logRetentionDays, regions, wafLimits } from "../prices/aws";
import { tiers } from "../tiers";
import { largeAlerts, thresholds } from "./alarmKeys";
import { cloudflareZone } from "./cloudflareKeys";
import { largeBackups, largePostgres, largeRedis } from "./largeDataKeys";
import { exampleLargeImage, largeImageWords } from "./largeImage";
import { largeCertificates, largeNetwork, largeVpcCidr } from "./largeNetworkKeys";
import { largeApp, largeFurtherServices, largeWorker } from "./largeTaskKeys";
import { choice, names, secretText, wholeOr } from "./leaf";
import { domain, protection, tier } from "./sharedKeys";

const large = tiers.large;

/** Keys of a large stack, under the `drops:` namespace. */
export const largeSchema = z.strictObject({
  tier,
  protection: protection(
    "Aurora, the cache, buckets, backup vaults, the image registry and the balancer; a secret that is deleted can be brought back for 7 days",
  ),
  region: choice(names(regions), {
    description:
      "AWS region of everything but CloudFront. A change replaces all of it: promote to a second stack instead, which can have the same domain where the zone is on Pro.",
    example: large.defaultRegion,
  }).default(large.defaultRegion),
  domain: domain("Without it the site answers on the name that CloudFront gives.").optional(),
  edge: choice(["cloudfront", "cloudflare"], {
    description:
      "What keeps assets and guards the app: CloudFront with AWS WAF, or Cloudflare by the edge stack alone.",
  }).default("cloudfront"),
  cloudflare: cloudflareZone("free").optional(),
  certificates: largeCertificates,
  vpcCidr: largeVpcCidr,
  network: largeNetwork,
  image: z.string().min(1).meta({
    description:
      "The app's container image for ARM, by digest: the one thing that a release changes.",
    allowed: largeImageWords,
    example: exampleLargeImage,
  }),
  registryCredentials: secretText(
    {
      description: "Who may read a private image outside AWS: user name and token.",
      allowed: "USER:TOKEN",
      example: "octocat:TOKEN",
    },
    (value) => /^[^:\s]+:\S+$/.test(value),
  ).optional(),
  app: largeApp,
  worker: largeWorker,
  services: largeFurtherServices,
  postgres: largePostgres,
  redis: largeRedis,
  backups: largeBackups,
  rateLimit: z
    .strictObject({
      requestsPerPeriod: wholeOr(
        wafLimits.rateLimit.low,
        wafLimits.rateLimit.high,
        large.rateLimit.requestsPerPeriod,
        "Requests one address may send in a period before AWS WAF blocks it.",
      ),
      periodSeconds: wholeOr(
        Math.min(...wafLimits.rateWindowSeconds),
        Math.max(...wafLimits.rateWindowSeconds),
        wafLimits.rateWindowDefaultSeconds,
        "Length of that period; AWS WAF knows only some.",
      ),
    })
    .prefault({}),
  hsts: z
    .strictObject({
      maxAgeSeconds: wholeOr(
        0,
        2 * large.hstsMaxAgeSeconds,
        large.hstsMaxAgeSeconds,
        "How long browsers insist on HTTPS; 0 takes it back.",
      ),
    })
    .prefault({}),
  logs: z
    .strictObject({
      retentionDays: wholeOr(
        Math.min(...logRetentionDays),
        Math.max(...logRetentionDays),
        large.logRetentionDays,
        "How long logs are kept; CloudWatch Logs knows only some lengths.",
      ),
    })
    .prefault({}),
  budget: z
    .strictObject({
      monthlyUsd: wholeOr(
        1,
        1_000_000,
        large.numbers.costUsdTarget,
        "Cost a month, USD, of the whole AWS account; AWS Budgets mails when it is beyond this, and when the forecast is.",
      ),
    })
    .prefault({}),
  alerts: largeAlerts,
  thresholds,
});

export type LargeConfig = z.output<typeof largeSchema>;
