import {
  bandedUsd,
  cloudfrontPrices,
  findManagedRuleGroup,
  healthCheckFeatures,
  healthCheckLimits,
  paidRuleGroups,
  rateRuleWcu,
  route53Prices,
  wafCapacity,
  wafPrices,
} from "../aws";
import { roundQuantity } from "../money";
import type { ComposedResource } from "../types";
import { awsTokens, free, knownText, ofType, regional, sharedName, useOf } from "./awsInputs";
import {
  fields,
  fromBoth,
  isFirst,
  line,
  list,
  numberInput,
  priced,
  together,
  unpriced,
  type Fields,
  type Priced,
  type Pricer,
} from "./pricer";

/** Distributions are paid by use; the first carries it for all. */
const distribution: Pricer = (resource, context) => {
  if (!isFirst(resource, context)) return free;
  const { requestsMillions, egressGb } = context.load;
  const { free: included, toUsers, requests, dated, freeDated } = cloudfrontPrices;
  const shared = {
    resource: sharedName(resource, context, "distributions"),
    kind: "usage",
    category: "cdn",
    dated: fromBoth(dated, freeDated),
  } as const;
  const beyondGb = Math.max(0, egressGb - included.transferGb);
  const last = toUsers[toUsers.length - 1];
  return together(
    beyondGb > (last?.upTo ?? 0)
      ? unpriced(resource, `the price of transfer beyond ${last?.upTo ?? 0} GB was not found`)
      : priced(
          line({
            ...shared,
            sku: `CloudFront transfer beyond the account's free ${included.transferGb} GB`,
            quantity: roundQuantity(beyondGb),
            unit: "GB",
            unitPrice: beyondGb === 0 ? toUsers[0].usdGb : bandedUsd(beyondGb, toUsers) / beyondGb,
          }),
        ),
    priced(
      line({
        ...shared,
        sku: `CloudFront HTTPS requests beyond the account's free ${included.requestsMillions} million, at United States prices`,
        quantity: roundQuantity(Math.max(0, requestsMillions - included.requestsMillions)),
        unit: "million requests",
        unitPrice: requests.https.us * 100,
      }),
    ),
  );
};

const cloudfrontFunction: Pricer = (resource, context) => {
  if (!isFirst(resource, context)) return free;
  return priced(
    line({
      resource: sharedName(resource, context, "functions"),
      kind: "usage",
      category: "cdn",
      sku: "CloudFront Functions, one invocation a request",
      quantity: context.load.requestsMillions,
      unit: "million invocations",
      unitPrice: cloudfrontPrices.functionsUsdMillion,
      dated: cloudfrontPrices.dated,
    }),
  );
};

/** An ACL, its rules and the requests; which requests pass which ACL is not known: all pass the first. */
const webAcl: Pricer = (resource, context) => {
  const rules = list(resource.inputs.rules);
  const requests = isFirst(resource, context) ? context.load.requestsMillions : 0;
  const shared = { resource: resource.name, category: "cdn", dated: wafPrices.dated } as const;
  return together(
    priced(
      line({
        ...shared,
        kind: "base",
        sku: "WAF web ACL",
        quantity: 1,
        unit: "month",
        unitPrice: wafPrices.usdAclMonth,
      }),
      line({
        ...shared,
        kind: "base",
        sku: "WAF rules and managed groups",
        quantity: rules.length,
        unit: "rule-month",
        unitPrice: wafPrices.usdRuleMonth,
      }),
      line({
        ...shared,
        kind: "usage",
        sku: "WAF requests",
        quantity: requests,
        unit: "million requests",
        unitPrice: wafPrices.usdMillionRequests,
      }),
    ),
    beyondBasicPrice(resource, rules),
  );
};

/** What a rule costs beside its own price, as far as its name tells. */
function beyondBasicPrice(resource: ComposedResource, rules: readonly Fields[]): Priced {
  const statements = rules.map(({ statement }) => fields(statement));
  const groups = statements
    .map(({ managedRuleGroupStatement }) => fields(managedRuleGroupStatement).name)
    .filter((name) => typeof name === "string");
  const wcu =
    groups.reduce((sum, name) => sum + (findManagedRuleGroup(name)?.wcu ?? 0), 0) +
    rateRuleWcu * statements.filter(({ rateBasedStatement }) => rateBasedStatement).length;
  return together(
    ...groups
      .filter((name) => (paidRuleGroups as readonly string[]).includes(name))
      .map((name) => unpriced(resource, `the price of the rule group ${name} was not found`)),
    wcu > wafCapacity.included
      ? unpriced(
          resource,
          `the rules take ${wcu} capacity units: the price beyond ${wafCapacity.included} was not found`,
        )
      : free,
  );
}

const monitoringSubscription: Pricer = (resource) =>
  unpriced(resource, "the price of CloudFront's additional metrics was not found");

/** A health check with its features; in AWS where CloudFront or a balancer of this stack answers. */
const healthCheck: Pricer = (resource, context) => {
  const type = knownText(resource, "type") ?? "(not known before a deploy)";
  if (!(healthCheckLimits.endpointTypes as readonly string[]).includes(type)) {
    return unpriced(resource, `no price for a health check of type ${type}`);
  }
  const inAws =
    ofType(context, awsTokens.distribution).length > 0 ||
    ofType(context, awsTokens.loadBalancer).some((one) => one.inputs.internal !== true);
  const prices = route53Prices.healthCheck[inAws ? "aws" : "other"];
  const features = healthCheckFeatures({
    type,
    intervalSeconds: numberInput(resource, "requestInterval") ?? 30,
    measureLatency: resource.inputs.measureLatency === true,
  });
  const shared = {
    resource: resource.name,
    kind: "base",
    category: "monitoring",
    dated: route53Prices.dated,
  } as const;
  return priced(
    line({
      ...shared,
      sku: `Route 53 health check of an endpoint ${inAws ? "in" : "outside"} AWS`,
      quantity: 1,
      unit: "month",
      unitPrice: prices.usdMonth,
    }),
    ...(features.length === 0
      ? []
      : [
          line({
            ...shared,
            sku: `Route 53 health check features: ${features.join(", ")}`,
            quantity: features.length,
            unit: "feature-month",
            unitPrice: prices.usdFeatureMonth,
          }),
        ]),
  );
};

const zone: Pricer = (resource, context) => {
  const base = line({
    resource: resource.name,
    kind: "base",
    category: "cdn",
    sku: "Route 53 zone",
    quantity: 1,
    unit: "month",
    unitPrice: route53Prices.usdZoneMonth,
    dated: route53Prices.dated,
  });
  if (!isFirst(resource, context)) return priced(base);
  const { load, dated } = useOf(context);
  return priced(
    base,
    line({
      resource: sharedName(resource, context, "zones"),
      kind: "usage",
      category: "cdn",
      sku: "Route 53 queries",
      quantity: load.dnsQueriesMillions,
      unit: "million queries",
      unitPrice: route53Prices.usdMillionQueries.simple,
      dated: dated(route53Prices.dated, "dnsQueriesMillions"),
    }),
  );
};

/** An ACL of CloudFront is global and priced as such; another one by its region. */
const anyWebAcl: Pricer = (resource, context) =>
  resource.inputs.scope === "CLOUDFRONT"
    ? webAcl(resource, context)
    : regional(webAcl)(resource, context);

/** CDN, WAF and DNS, by type token. */
export const awsEdgePricers: Readonly<Record<string, Pricer>> = {
  [awsTokens.distribution]: distribution,
  "aws:cloudfront/function:Function": cloudfrontFunction,
  "aws:cloudfront/monitoringSubscription:MonitoringSubscription": monitoringSubscription,
  "aws:wafv2/webAcl:WebAcl": anyWebAcl,
  "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": (resource) =>
    unpriced(resource, "the price of delivering WAF's logs was not found"),
  "aws:route53/healthCheck:HealthCheck": healthCheck,
  "aws:route53/zone:Zone": zone,
};
