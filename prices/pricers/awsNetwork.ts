import {
  albLcuUse,
  albPrices,
  bandedUsd,
  hoursPerMonth,
  natPrices,
  publicIpv4,
  transferPrices,
  vpcEndpoints,
} from "../aws";
import { roundQuantity } from "../money";
import type { ComposedResource } from "../types";
import { awsTokens, free, knownText, ofType, regional, sharedName, useOf } from "./awsInputs";
import {
  isFirst,
  line,
  priced,
  together,
  unpriced,
  type Priced,
  type Pricer,
  type PricingContext,
} from "./pricer";

/** A balancer by the hour; the load is taken to go through the first one. */
const loadBalancer: Pricer = (resource, context) => {
  const kind = knownText(resource, "loadBalancerType") ?? "application";
  if (kind !== "application") return unpriced(resource, `no price for a ${kind} load balancer`);
  const { load, dated } = useOf(context);
  const use = albLcuUse({
    requests: load.requestsMillions * 1e6,
    requestsPerConnection: load.requestsPerConnection,
    openConnections: load.openConnections,
    gb: load.egressGb,
    rules: ofType(context, "aws:lb/listenerRule:ListenerRule").length,
  });
  const serves = isFirst(resource, context);
  return together(
    priced(
      line({
        resource: resource.name,
        kind: "base",
        category: "compute",
        sku: "Application Load Balancer",
        quantity: 1,
        unit: "month",
        unitPrice: albPrices.usdHour * hoursPerMonth,
        dated: albPrices.dated,
      }),
      line({
        resource: resource.name,
        kind: "usage",
        category: "compute",
        sku: serves
          ? `Balancer capacity, ${roundQuantity(use.billed)} LCU (${load.openConnections} connections open, ${load.egressGb} GB)`
          : "Balancer capacity, no part of the load",
        quantity: serves ? roundQuantity(use.billed * hoursPerMonth) : 0,
        unit: "LCU-hour",
        unitPrice: albPrices.usdLcuHour,
        dated: dated(albPrices.dated, "openConnections", "requestsPerConnection"),
      }),
    ),
    balancerAddresses(resource),
  );
};

/** A balancer that faces the internet has an address in each of its subnets. */
function balancerAddresses(resource: ComposedResource): Priced {
  if (resource.inputs.internal === true) return free;
  const subnets: unknown = resource.inputs.subnets;
  if (!Array.isArray(subnets)) {
    return unpriced(resource, "how many public addresses the balancer has is not known");
  }
  return priced(addresses(resource, "Public IPv4 of the balancer", subnets.length));
}

function addresses(resource: ComposedResource, sku: string, quantity: number) {
  return line({
    resource: resource.name,
    kind: "base",
    category: "compute",
    sku,
    quantity,
    unit: "address-month",
    unitPrice: publicIpv4.usdHour * hoursPerMonth,
    dated: publicIpv4.dated,
  });
}

/** An Elastic IP costs whether something has it or not. */
const eip: Pricer = (resource) => priced(addresses(resource, "Public IPv4 address", 1));

/** A NAT gateway by the hour, and once for all what goes through them. */
const natGateway: Pricer = (resource, context) => {
  const { load, dated } = useOf(context);
  const own = priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "compute",
      sku: "NAT gateway",
      quantity: 1,
      unit: "month",
      unitPrice: natPrices.usdHour * hoursPerMonth,
      dated: natPrices.dated,
    }),
  );
  if (!isFirst(resource, context)) return own;
  return together(
    own,
    priced(
      line({
        resource: sharedName(resource, context, "nat-gateways"),
        kind: "usage",
        category: "compute",
        sku: "Traffic through NAT gateways",
        quantity: roundQuantity(load.natGb),
        unit: "GB",
        unitPrice: natPrices.usdGb,
        dated: dated(natPrices.dated, "natGb"),
      }),
    ),
  );
};

/** An interface endpoint, by its zones; one to S3 by way of the route tables is free. */
const vpcEndpoint: Pricer = (resource, context) => {
  const kind = knownText(resource, "vpcEndpointType") ?? "Gateway";
  if (kind === "Gateway") return free;
  if (kind !== "Interface")
    return unpriced(resource, `no price for a VPC endpoint of type ${kind}`);
  const subnets: unknown = resource.inputs.subnetIds;
  if (!Array.isArray(subnets)) {
    return unpriced(resource, "in how many zones the endpoint is is not known before a deploy");
  }
  const prices = vpcEndpoints.interface;
  const base = line({
    resource: resource.name,
    kind: "base",
    category: "compute",
    sku: "Interface endpoint, by zone",
    quantity: subnets.length,
    unit: "zone-month",
    unitPrice: prices.usdZoneHour * hoursPerMonth,
    dated: vpcEndpoints.dated,
  });
  const interfaces = context.siblings.filter((one) => one.inputs.vpcEndpointType === "Interface");
  if (interfaces[0] !== resource) return priced(base);
  const { load, dated } = useOf(context);
  return priced(
    base,
    line({
      resource: interfaces.length === 1 ? resource.name : "vpc-endpoints",
      kind: "usage",
      category: "compute",
      sku: "Traffic through interface endpoints",
      quantity: roundQuantity(load.interfaceEndpointGb),
      unit: "GB",
      unitPrice: prices.usdGb,
      dated: dated(vpcEndpoints.dated, "interfaceEndpointGb"),
    }),
  );
};

/** A VPC is free; the first carries what leaves it, and what crosses its zones. */
const vpc: Pricer = (resource, context) => {
  if (!isFirst(resource, context)) return free;
  const { load, dated } = useOf(context);
  const { internetFreeGb, betweenZonesUsdGbEachWay } = transferPrices;
  const beyondGb = Math.max(0, leavingGb(context) - internetFreeGb);
  const usd = bandedUsd(beyondGb, transferPrices.internet);
  return priced(
    line({
      resource: resource.name,
      kind: "usage",
      category: "compute",
      sku: `Transfer to the internet beyond the account's free ${internetFreeGb} GB`,
      quantity: roundQuantity(beyondGb),
      unit: "GB",
      unitPrice: beyondGb === 0 ? transferPrices.internet[0].usdGb : usd / beyondGb,
      dated: dated(transferPrices.dated, "natGb"),
    }),
    line({
      resource: resource.name,
      kind: "usage",
      category: "compute",
      sku: "Transfer between zones, each way",
      quantity: roundQuantity(2 * load.interZoneGb),
      unit: "GB",
      unitPrice: betweenZonesUsdGbEachWay,
      dated: dated(transferPrices.dated, "interZoneGb"),
    }),
  );
};

/** What leaves for the internet: by way of NAT, and what users download where no CloudFront serves them. */
function leavingGb(context: PricingContext): number {
  const { load } = useOf(context);
  const nats = ofType(context, "aws:ec2/natGateway:NatGateway").length > 0 ? load.natGb : 0;
  return nats + (ofType(context, awsTokens.distribution).length > 0 ? 0 : load.egressGb);
}

/** Balancers, addresses and ways out, by type token. */
export const awsNetworkPricers: Readonly<Record<string, Pricer>> = {
  [awsTokens.loadBalancer]: regional(loadBalancer),
  "aws:ec2/eip:Eip": regional(eip),
  "aws:ec2/natGateway:NatGateway": regional(natGateway),
  "aws:ec2/vpcEndpoint:VpcEndpoint": regional(vpcEndpoint),
  "aws:ec2/vpc:Vpc": regional(vpc),
  "aws:ec2/flowLog:FlowLog": (resource) =>
    unpriced(resource, "the price of delivering flow logs was not found"),
};
