import {
  auroraPostgresVersionsDated,
  cloudfrontPrefixList,
  cloudfrontPrefixLists,
  pricedRegion,
  regions,
  regionsDated,
  vpcOrigins,
} from "../prices/aws";
import type { Dated } from "../prices/types";
import { largeZones } from "./largePlace";
import type { LargeConfig } from "./schema";
import type { UnverifiedFact } from "./unverified";

/** What a large stack of this configuration takes for true without having read it at AWS. */
export function largeUnverifiedFacts(config: LargeConfig): readonly UnverifiedFact[] {
  return [...placeFacts(config), ...databaseFacts(config), ...edgeFacts(config)];
}

const sourceOf = ({ source, asOf }: Dated): string => `${source}, ${asOf}`;

function placeFacts({ region, network, edge }: LargeConfig): UnverifiedFact[] {
  const zones = largeZones({ region, network });
  const lacking = (vpcOrigins.lackingZoneIds as Readonly<Record<string, string>>)[region];
  return [
    ...(edge === "cloudfront" && lacking !== undefined
      ? [
          {
            subject: "cdn",
            statement: `None of the zones is ${lacking}, in which CloudFront has no VPC origins (aws ec2 describe-availability-zones says which letter that is; drops:network.zones chooses others).`,
            source: sourceOf(vpcOrigins.dated),
          },
        ]
      : []),
    ...(edge === "cloudfront" && network.cloudfrontPrefixList === undefined
      ? [
          {
            subject: "security",
            statement: `CloudFront's addresses are the managed prefix list ${cloudfrontPrefixList(region) ?? ""} in ${region}.`,
            source: sourceOf(cloudfrontPrefixLists.dated),
          },
        ]
      : []),
    {
      subject: "network",
      statement: `The account sees the availability zones ${zones.join(", ")}, and Fargate for ARM is in each.`,
      source: sourceOf(regionsDated.zones),
    },
    ...(region === pricedRegion
      ? []
      : [
          {
            subject: "network",
            statement: `What is sold in ${regions[region].title} is what the price lists of other regions name.`,
            source: sourceOf(regionsDated.auroraLacks),
          },
        ]),
  ];
}

function databaseFacts({ postgres, region }: LargeConfig): UnverifiedFact[] {
  if (postgres.provider !== "aurora") return [];
  return [
    {
      subject: "postgres",
      statement: `Aurora PostgreSQL ${postgres.engineVersion} can be created in ${region}.`,
      source: sourceOf(auroraPostgresVersionsDated),
    },
  ];
}

function edgeFacts({ edge, cloudflare }: LargeConfig): UnverifiedFact[] {
  return edge === "cloudfront" && cloudflare !== undefined
    ? [
        {
          subject: "waf",
          statement:
            "Cloudflare reaches CloudFront from the published ranges alone, and says in CF-Connecting-IP who the visitor is.",
          source: "https://www.cloudflare.com/ips/, copy of 2026-02-11",
        },
      ]
    : [];
}
