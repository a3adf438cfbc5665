import {
  appBilling,
  appExtras,
  appSizesDated,
  findAppSize,
  type AppSizeSpec,
} from "../digitalocean";
import { gibPerGb, roundQuantity } from "../money";
import type { ComposedResource } from "../types";
import {
  assumedDeploys,
  fields,
  isFirst,
  line,
  list,
  priced,
  together,
  unpriced,
  type Fields,
  type Priced,
  type Pricer,
} from "./pricer";

export const appToken = "digitalocean:index/app:App";

/** A service or a worker: instances that always run. */
interface Component {
  readonly name: string;
  readonly slug: string;
  readonly size: AppSizeSpec | undefined;
  readonly instances: number;
  /** Instances at maximum scale, where autoscaling sets their number. */
  readonly most: number | undefined;
}

/** An app: its instances, the jobs of its deploys and, once for all apps, the transfer. */
export const app: Pricer = (resource, context) => {
  const spec = fields(resource.inputs["spec"]);
  const own = together(
    ...runningIn(resource).map((component) => instances(resource, component)),
    ...list(spec["jobs"]).map((job) => deployJob(resource, job)),
    ...list(spec["egresses"])
      .filter(({ type }) => type === "DEDICATED_IP")
      .map(() => egressAddress(resource)),
  );
  return isFirst(resource, context)
    ? together(own, egress(resource, context.siblings, context.load.egressGb))
    : own;
};

function instances(resource: ComposedResource, component: Component): Priced {
  const { name, slug, size, instances: count, most } = component;
  if (count === 0) return priced();
  if (!size) return unpriced(resource, `${name}: no price for the App Platform size ${slug}`);
  const words = `${count} ${count === 1 ? "instance" : "instances"}`;
  return priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "compute",
      sku: `App Platform ${name}, ${slug}, ${words}`,
      quantity: count,
      mostQuantity: most,
      unit: "instance-month",
      unitPrice: size.usdMonthly,
      dated: appSizesDated,
    }),
  );
}

/** A job costs while it runs: for a moment in each deploy. */
function deployJob(resource: ComposedResource, job: Fields): Priced {
  const { name, slug, size } = componentOf(job);
  if (!size) return unpriced(resource, `${name}: no price for the App Platform size ${slug}`);
  const { perMonth, secondsEach } = assumedDeploys;
  return priced(
    line({
      resource: resource.name,
      kind: "usage",
      category: "compute",
      sku: `App Platform ${name}, ${slug}, in ${perMonth} deploys of ${secondsEach} s`,
      quantity: perMonth * secondsEach,
      unit: "second",
      unitPrice: size.usdMonthly / appBilling.secondsPerMonth,
      dated: appBilling.jobsDated,
    }),
  );
}

function egressAddress(resource: ComposedResource): Priced {
  return priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "compute",
      sku: "App Platform dedicated egress address",
      quantity: 1,
      unit: "month",
      unitPrice: appExtras.dedicatedEgressIpUsdMonthly,
      dated: appExtras.dated,
    }),
  );
}

/** The instances' included transfer is one pool; those that always run fill it. */
function egress(
  first: ComposedResource,
  apps: readonly ComposedResource[],
  egressGb: number,
): Priced {
  const includedGib = apps
    .flatMap(runningIn)
    .reduce((sum, { size, instances: count }) => sum + (size?.egressGib ?? 0) * count, 0);
  return priced(
    line({
      resource: apps.length === 1 ? first.name : "apps",
      kind: "usage",
      category: "compute",
      sku: `App Platform transfer beyond the included ${includedGib} GiB`,
      quantity: roundQuantity(Math.max(0, egressGb * gibPerGb - includedGib)),
      unit: "GiB",
      unitPrice: appExtras.egressUsdGib,
      dated: appExtras.dated,
    }),
  );
}

function runningIn(resource: ComposedResource): Component[] {
  const spec = fields(resource.inputs["spec"]);
  return [...list(spec["services"]), ...list(spec["workers"])].map(componentOf);
}

function componentOf(component: Fields): Component {
  const { name, instanceSizeSlug, instanceCount } = component;
  const { minInstanceCount, maxInstanceCount } = fields(component["autoscaling"]);
  const slug =
    typeof instanceSizeSlug === "string" ? instanceSizeSlug : "(not known before a deploy)";
  return {
    name: typeof name === "string" ? name : "(without a name)",
    slug,
    size: findAppSize(slug),
    instances: count(minInstanceCount) ?? count(instanceCount) ?? 1,
    most: count(maxInstanceCount),
  };
}

const count = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined;
