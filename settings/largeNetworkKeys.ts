import { z } from "zod";
import { plannedVpc } from "../components/network/subnetPlan";
import { globalRegion } from "../prices/aws";
import { tiers } from "../tiers";
import { certificateArnPattern, certificateArnWords } from "./certificateArn";
import { exampleCertificate, examplePrefixList } from "./examples";
import { choice, text, wholeOr } from "./leaf";
import { vpcCidr } from "./sharedKeys";

const large = tiers.large;

/** A certificate of ACM that is there already; which region it must be of a check says. */
const certificateArn = (description: string) =>
  text(certificateArnPattern, {
    description,
    allowed: certificateArnWords,
    example: exampleCertificate(globalRegion),
  }).optional();

/** Certificates that the stack does not make itself. */
export const largeCertificates = z
  .strictObject({
    edgeArn: certificateArn(
      "Certificate of the domain for CloudFront, in us-east-1, where no zone at Cloudflare proves the domain.",
    ),
    balancerArn: certificateArn(
      "The same in the stack's region, for the balancer; without it CloudFront fetches over HTTP inside the VPC.",
    ),
  })
  .prefault({});

export const largeVpcCidr = vpcCidr(large.vpcCidr, plannedVpc);

/** The private network, and the ways out of it. */
export const largeNetwork = z
  .strictObject({
    zones: z
      .array(
        z
          .string()
          .regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/)
          .meta({
            description:
              "Availability zones that everything is spread over; the region's first three where not set. For a new stack: a network that is up keeps its zones.",
            allowed: `${large.network.zones} different zones of the region, such as us-east-1a`,
            example: "us-east-1d",
          }),
      )
      .optional(),
    cloudfrontPrefixList: text(/^pl-[0-9a-f]{8,17}$/, {
      description:
        "Managed list of CloudFront's addresses, which the balancer admits; the region's, where it is known.",
      allowed: "pl- and 8 to 17 hexadecimal digits",
      example: examplePrefixList,
    }).optional(),
    natGateways: wholeOr(
      0,
      large.network.zones,
      large.network.natGateways,
      "Ways out of the private network; 0 takes interfaceEndpoints and cuts the app off the internet.",
    ),
    interfaceEndpoints: choice(["off", "on"], {
      description: "Private ways to the AWS services that tasks need; each costs by zone and hour.",
    }).default("off"),
    flowLogs: choice(["off", "rejected", "all"], {
      description: "Record of the network's connections in CloudWatch Logs.",
    }).default("off"),
    otherCidrs: z
      .array(
        z.cidrv4().meta({
          description:
            "Networks that this one will be joined with (peering, VPN): it must not overlap them.",
          allowed: "an IPv4 range such as 10.0.0.0/8",
          example: "172.20.0.0/16",
        }),
      )
      .default([]),
  })
  .prefault({});
