import { globalRegion, logRetentionDays, vpcOriginProblem, wafLimits } from "../../prices/aws";
import { exampleCertificate, exampleZoneId } from "../examples";
import { problem, removeCommand, setCommand, shown, type Problem } from "../problems";
import { cloudfrontListOf } from "../largePlace";
import type { LargeConfig } from "../schema";
import { certificateArnProblem } from "./certificates";
import { domainInZone } from "./domain";

type Config = Pick<LargeConfig, "domain" | "edge" | "cloudflare" | "certificates" | "region">;

const prefixListName = "com.amazonaws.global.cloudfront.origin-facing";
/** Asks the account for the list's id in a region. */
const prefixListLookup = (region: string): string =>
  `aws ec2 describe-managed-prefix-lists --region ${region}` +
  ` --filters Name=prefix-list-name,Values=${prefixListName}` +
  " --query 'PrefixLists[0].PrefixListId' --output text";

/** By which addresses CloudFront reaches a balancer without a public one. */
export function prefixListProblems({
  edge,
  region,
  network,
}: Pick<LargeConfig, "edge" | "region" | "network">): Problem[] {
  if (edge !== "cloudfront" || vpcOriginProblem(region) !== undefined) return [];
  return cloudfrontListOf({ region, network }) === undefined
    ? [
        problem(
          ["network", "cloudfrontPrefixList"],
          `nothing, and the list of ${region} is not known to this toolkit`,
          `the id of the managed prefix list ${prefixListName} in ${region}`,
          setCommand(["network", "cloudfrontPrefixList"], `$(${prefixListLookup(region)})`),
        ),
      ]
    : [];
}

/** What stands before the app on which name, and what proves the name. */
export function largeDomainProblems(config: Config, stack: string): Problem[] {
  const { domain, edge, cloudflare } = config;
  if (cloudflare !== undefined) {
    return [...domainInZone(domain, cloudflare.zone, stack), ...needlessCertificates(config)];
  }
  if (edge === "cloudflare") {
    return [
      problem(
        ["cloudflare"],
        "nothing, with drops:edge cloudflare",
        "zoneId and zone of the domain's zone at Cloudflare",
        `${setCommand(["cloudflare", "zoneId"], exampleZoneId)} and ${setCommand(["cloudflare", "zone"], "example.com")}, or ${setCommand(["edge"], "cloudfront")}`,
      ),
    ];
  }
  return domain === undefined ? needlessCertificates(config) : ownCertificates(config);
}

/** Certificates that nothing would use. */
function needlessCertificates({ certificates, cloudflare }: Config): Problem[] {
  return (["edgeArn", "balancerArn"] as const).flatMap((key) =>
    certificates[key] === undefined
      ? []
      : [
          problem(
            ["certificates", key],
            cloudflare === undefined
              ? "a certificate, without drops:domain: CloudFront's own name has CloudFront's"
              : "a certificate, with drops:cloudflare: the stack has its own, proved by the zone",
            "nothing",
            removeCommand(["certificates", key]),
          ),
        ],
  );
}

/** A domain whose DNS is elsewhere takes a certificate that is there already. */
function ownCertificates({ certificates, region }: Config): Problem[] {
  const { edgeArn, balancerArn } = certificates;
  if (edgeArn === undefined) {
    return [
      problem(
        ["certificates", "edgeArn"],
        "nothing, with drops:domain and no drops:cloudflare",
        `a certificate of ACM in ${globalRegion} for the domain, or the zone at Cloudflare that proves it`,
        setCommand(["certificates", "edgeArn"], exampleCertificate(globalRegion)),
      ),
    ];
  }
  return (
    [
      ["edgeArn", edgeArn, globalRegion],
      ["balancerArn", balancerArn, region],
    ] as const
  ).flatMap(([key, arn, wanted]) => {
    const wrong = arn === undefined ? undefined : certificateArnProblem(arn, wanted);
    return wrong === undefined
      ? []
      : [
          problem(
            ["certificates", key],
            `${shown(arn)}: ${wrong}`,
            `a certificate of ACM in ${wanted}`,
            setCommand(["certificates", key], exampleCertificate(wanted)),
          ),
        ];
  });
}

const listed = (values: readonly number[]): string => values.join(", ");

/** Lengths of which AWS knows only some. */
export function listedValueProblems({
  rateLimit,
  logs,
}: Pick<LargeConfig, "rateLimit" | "logs">): Problem[] {
  return (
    [
      [["rateLimit", "periodSeconds"], rateLimit.periodSeconds, wafLimits.rateWindowSeconds],
      [["logs", "retentionDays"], logs.retentionDays, logRetentionDays],
    ] as const
  ).flatMap(([path, value, known]) => {
    const values: readonly number[] = known;
    if (values.includes(value)) return [];
    const next = values.find((one) => one > value) ?? values.at(-1);
    return [problem(path, String(value), listed(values), setCommand(path, String(next)))];
  });
}

/** Whether somebody hears of the alarms. */
export function subscriberProblems({ alerts }: Pick<LargeConfig, "alerts">): Problem[] {
  const { emails, webhook, slack } = alerts;
  return emails.length > 0 || webhook !== undefined || slack !== undefined
    ? []
    : [
        problem(
          ["alerts", "emails"],
          "nobody who gets the alarms",
          "at least one address, or drops:alerts.webhook, or drops:alerts.slack",
          setCommand(["alerts", "emails[0]"], "ops@example.com"),
        ),
      ];
}
