import { cloudflareDated, findCloudflarePlan } from "../cloudflare";
import { line, nestedTextInput, priced, textInput, unpriced, type Pricer } from "./pricer";

/** A zone's plan: paid by zone, whatever its traffic. */
const zoneSubscription: Pricer = (resource) => {
  const id = nestedTextInput(resource, "ratePlan", "id");
  const plan = id === undefined ? undefined : findCloudflarePlan(id);
  if (id === undefined || !plan) {
    return unpriced(resource, `no price for the Cloudflare plan ${id ?? "(not known)"}`);
  }
  const frequency = textInput(resource, "frequency") ?? "monthly";
  const usd =
    frequency === "monthly"
      ? plan.usdMonthly
      : frequency === "yearly"
        ? plan.usdMonthlyAnnual
        : undefined;
  if (usd === undefined) {
    return unpriced(resource, `no price for the Cloudflare plan ${id} paid ${frequency}`);
  }
  return priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "cdn",
      sku: `Cloudflare plan ${id}, paid ${frequency}`,
      quantity: 1,
      unit: "zone-month",
      unitPrice: usd,
      dated: cloudflareDated.prices,
    }),
  );
};

/** A DNS record is free; the first proxied one carries the requests, which no plan meters. */
const dnsRecord: Pricer = (resource, { load, siblings }) => {
  const firstProxied = siblings.find((one) => one.inputs.proxied === true);
  if (resource !== firstProxied) return priced();
  return priced(
    line({
      resource: resource.name,
      kind: "usage",
      category: "cdn",
      sku: "Cloudflare requests, not metered",
      quantity: load.requestsMillions,
      unit: "million requests",
      unitPrice: 0,
      dated: cloudflareDated.prices,
    }),
  );
};

/** Cloudflare's types that cost something or carry a usage line, by type token. */
export const cloudflarePricers: Readonly<Record<string, Pricer>> = {
  "cloudflare:index/dnsRecord:DnsRecord": dnsRecord,
  "cloudflare:index/zoneSubscription:ZoneSubscription": zoneSubscription,
};
