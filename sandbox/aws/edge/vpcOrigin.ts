import { z } from "zod";
import { vpcOriginProblem, vpcOrigins } from "../../../prices/aws";
import type { Operation, Reference } from "../../cloud/kind";
import { global } from "../awsKind";
import { AwsError } from "../refusal";
import { loadBalancerType } from "../balancer/words";
import { accountId, arn, partsOfArn, timeouts } from "../shapes";
import { distributionType, vpcOriginType } from "./types";

const port = z
  .int()
  .refine((given) => given === 80 || given === 443 || (given >= 1_024 && given <= 65_535), {
    error: "80, 443 or 1024 to 65535",
  });

const inputs = z.object({
  vpcOriginEndpointConfig: z.strictObject({
    name: z.string().min(1).max(64),
    arn: arn("(?:elasticloadbalancing|ec2)"),
    httpPort: port,
    httpsPort: port,
    originProtocolPolicy: z.enum(["http-only", "match-viewer", "https-only"]),
    originSslProtocols: z.strictObject({
      items: z.array(z.enum(["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"])).min(1),
      quantity: z.int(),
    }),
  }),
  timeouts,
});
type Inputs = z.infer<typeof inputs>;

const balancer: Reference = {
  input: "vpcOriginEndpointConfig.arn",
  type: loadBalancerType,
  property: "arn",
};

/** CloudFront's way to a balancer inside a network. */
export const vpcOrigin = global({
  type: vpcOriginType,
  inputs,
  immutable: [],
  references: [balancer],
  quota: { most: vpcOrigins.mostPerAccount, dated: vpcOrigins.dated },
  idStyle: (_, cloud) => `vo_${cloud.newId("hex").slice(-22)}`,
  inUse: (names) => `The VPC origin is in use by ${names.join(", ")}.`,
  api: {
    ...{ noun: "CloudFront VPC Origin", sdk: "CloudFront", create: "CreateVpcOrigin" },
    named: (given) => (given as Inputs).vpcOriginEndpointConfig.name,
  },
  refuse: (operation) => {
    const { vpcOriginEndpointConfig: given } = operation.inputs as Inputs;
    const { items, quantity } = given.originSslProtocols;
    if (items.length !== quantity) {
      throw new AwsError(
        "InvalidArgument",
        `quantity says ${quantity}, and items has ${items.length} protocols.`,
      );
    }
    const problem = vpcOriginProblem(partsOfArn(given.arn).region);
    if (problem !== undefined) throw new AwsError("InvalidArgument", `${problem}.`);
    requireOwnName(operation);
    requireUnused(operation);
    requireGateway(operation);
  },
  create: ({ id, cloud }) => ({
    outputs: { arn: `arn:aws:cloudfront::${accountId}:vpcorigin/${id}`, etag: tag(cloud) },
  }),
  update: ({ cloud }) => ({ outputs: { etag: tag(cloud) } }),
});

const tag = (cloud: Operation["cloud"]): string =>
  `E${cloud.newId("hex").slice(-12).toUpperCase()}`;

function requireOwnName({ cloud: { world }, id, inputs: given }: Operation): void {
  const { name } = (given as Inputs).vpcOriginEndpointConfig;
  const taken = world
    .all(vpcOriginType)
    .some(
      (other) => other.id !== id && (other.inputs as Inputs).vpcOriginEndpointConfig.name === name,
    );
  if (taken) {
    throw new AwsError("EntityAlreadyExists", `A VPC origin has the name ${name} already.`, 409);
  }
}

/** One that a distribution names cannot be changed, not even its name. */
function requireUnused({ cloud: { world }, id, inputs: given, before }: Operation): void {
  const was = before && JSON.stringify((before.inputs as Inputs).vpcOriginEndpointConfig);
  if (was === undefined || was === JSON.stringify((given as Inputs).vpcOriginEndpointConfig))
    return;
  const isUsed = world
    .all(distributionType)
    .some(({ inputs: { origins } }) =>
      (origins as readonly { readonly vpcOriginConfig?: { readonly vpcOriginId: string } }[]).some(
        ({ vpcOriginConfig }) => vpcOriginConfig?.vpcOriginId === id,
      ),
    );
  if (isUsed) {
    throw new AwsError(
      "CannotUpdateEntityWhileInUse",
      "The VPC origin is associated with a distribution: make another one beside it.",
      409,
    );
  }
}

/** CloudFront asks that a balancer's network has a way to the internet, though it does not use it. */
function requireGateway({ cloud: { world }, inputs: given }: Operation): void {
  const { arn: balancerArn } = (given as Inputs).vpcOriginEndpointConfig;
  const found = world.all(loadBalancerType).find(({ outputs }) => outputs["arn"] === balancerArn);
  const vpcId = found?.outputs["vpcId"];
  if (vpcId === undefined) return;
  const gateways = world.all("aws:ec2/internetGateway:InternetGateway");
  if (!gateways.some(({ inputs: own }) => own["vpcId"] === vpcId)) {
    throw new AwsError(
      "InvalidArgument",
      `The network ${JSON.stringify(vpcId)} of the balancer has no internet gateway.`,
    );
  }
}
