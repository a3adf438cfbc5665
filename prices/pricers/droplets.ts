import {
  defaultBackupPlan,
  dropletBackupShare,
  dropletEgress,
  findDropletSize,
  reservedIpv4,
} from "../digitalocean";
import { gibPerGb, roundQuantity } from "../money";
import type { ComposedResource, CostLine } from "../types";
import { appToken } from "./apps";
import {
  fromBoth,
  isFirst,
  line,
  nestedTextInput,
  priced,
  textInput,
  together,
  unpriced,
  type Priced,
  type Pricer,
  type PricingContext,
} from "./pricer";

/** A Droplet, its backups and, once for all Droplets, the transfer beyond what they include. */
export const droplet: Pricer = (resource, context) => {
  const slug = textInput(resource, "size");
  const size = slug === undefined ? undefined : findDropletSize(slug);
  const own =
    slug === undefined || size === undefined
      ? unpriced(resource, `no price for the Droplet size ${slug ?? "(not known before a deploy)"}`)
      : together(
          priced(
            line({
              resource: resource.name,
              kind: "base",
              category: "compute",
              sku: `Droplet ${slug}`,
              quantity: 1,
              unit: "month",
              unitPrice: size.usdMonthly,
              dated: size.dated,
            }),
          ),
          backups(resource, size.usdMonthly, size.dated),
        );
  return isFirst(resource, context)
    ? together(own, egress(context.siblings, servedByDroplets(context)))
    : own;
};

function backups(
  resource: ComposedResource,
  dropletUsd: number,
  dropletDated: Parameters<typeof fromBoth>[0],
): Priced {
  if (resource.inputs.backups !== true) return priced();
  const plan = nestedTextInput(resource, "backupPolicy", "plan") ?? defaultBackupPlan;
  if (plan !== "daily" && plan !== "weekly") {
    return unpriced(resource, `no price for the backup plan ${plan}`);
  }
  return priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "compute",
      sku: `Droplet backups, ${plan} (${dropletBackupShare[plan] * 100} % of the Droplet)`,
      quantity: 1,
      unit: "month",
      unitPrice: dropletUsd * dropletBackupShare[plan],
      dated: fromBoth(dropletBackupShare.dated, dropletDated),
    }),
  );
}

/** What users download, GB a month; beside an app, which serves them, the Droplets have no part in it. */
function servedByDroplets({ load, resources }: PricingContext): number {
  return resources.some(({ type }) => type === appToken) ? 0 : load.egressGb;
}

/** The Droplets' included transfer is one pool; what goes out beyond it costs by the GiB. */
function egress(droplets: readonly ComposedResource[], egressGb: number): Priced {
  const transfers = droplets.map(
    (one) => findDropletSize(textInput(one, "size") ?? "")?.transferTib ?? null,
  );
  const includedGib = transfers.reduce<number>(
    (sum, tib) => sum + (tib ?? 0) * dropletEgress.includedGibPerTib,
    0,
  );
  const beyondGib = roundQuantity(Math.max(0, egressGb * gibPerGb - includedGib));
  const [first] = droplets;
  if (!first) return priced();
  if (beyondGib > 0 && transfers.includes(null)) {
    return unpriced(first, "outbound transfer: what this size includes is not known");
  }
  const one: CostLine = line({
    resource: droplets.length === 1 ? first.name : "droplets",
    kind: "usage",
    category: "compute",
    sku: `Droplet transfer beyond the included ${includedGib} GiB`,
    quantity: beyondGib,
    unit: "GiB",
    unitPrice: dropletEgress.usdPerGib,
    dated: dropletEgress.dated,
  });
  return priced(one);
}

/**
 * A reserved IPv4 address, free while a Droplet has it. Before a deploy nobody knows which address
 * an assignment names, so assignments are counted: one makes one address free.
 */
export const reservedIp: Pricer = (resource, { resources, siblings }) => {
  const assignments = resources.filter(
    ({ type }) => type === "digitalocean:index/reservedIpAssignment:ReservedIpAssignment",
  ).length;
  const withoutDroplet = siblings.filter((one) => one.inputs.dropletId === undefined);
  const place = withoutDroplet.indexOf(resource);
  const assigned = place === -1 || place < assignments;
  return priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "compute",
      sku: `Reserved IPv4, ${assigned ? "assigned" : "not assigned"}`,
      quantity: 1,
      unit: "month",
      unitPrice: assigned ? reservedIpv4.assignedUsdMonthly : reservedIpv4.unassignedUsdMonthly,
      dated: assigned ? reservedIpv4.assignedDated : reservedIpv4.unassignedDated,
    }),
  );
};
