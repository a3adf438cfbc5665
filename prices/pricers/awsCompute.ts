import {
  assumedUseDated,
  containerInsights,
  ecrPrices,
  fargateArchitectures,
  fargateLimits,
  fargatePrices,
  fargateSizeProblem,
  fargateUsdMonthly,
  hoursPerMonth,
  publicIpv4,
  type FargateArchitecture,
} from "../aws";
import { roundQuantity } from "../money";
import type { ComposedResource } from "../types";
import {
  awsTokens,
  companionOf,
  ecsRoles,
  free,
  knownText,
  ofType,
  regional,
  sharedName,
  textOf,
  useOf,
} from "./awsInputs";
import {
  assumedDeploys,
  fields,
  fromBoth,
  isFirst,
  line,
  list,
  numberInput,
  priced,
  together,
  unpriced,
  type Priced,
  type Pricer,
  type PricingContext,
} from "./pricer";

/** A task's size, as it is billed. */
interface TaskSize {
  readonly cpuUnits: number;
  readonly memoryMib: number;
  readonly architecture: FargateArchitecture;
}

/** A service on Fargate: the tasks that always run, at the smallest scale. */
const service: Pricer = (resource, context) => {
  const launch = launchProblem(resource);
  if (launch !== undefined) return unpriced(resource, launch);
  const task = taskOf(resource, context);
  if (!task) return unpriced(resource, "which task definition it runs is not known");
  const size = taskSize(task);
  if (typeof size === "string") return unpriced(resource, size);
  const { low, high } = scaleOf(resource, context);
  if (low === undefined) return unpriced(resource, "how many tasks it runs is not known");
  const usd = fargateUsdMonthly(size.cpuUnits, size.memoryMib, size.architecture);
  return together(
    priced(
      line({
        resource: resource.name,
        kind: "base",
        category: "compute",
        sku: `Fargate, ${low} ${low === 1 ? "task" : "tasks"} of ${inWords(size)}`,
        quantity: low,
        mostQuantity: high,
        unit: "task-month",
        unitPrice: usd,
        dated: fargatePrices.dated,
      }),
    ),
    publicAddresses(resource, low),
  );
};

/** A task definition costs nothing by itself; one that no service runs is a job of each deploy. */
const taskDefinition: Pricer = (resource, context) => {
  const services = ofType(context, awsTokens.ecsService);
  if (services.some((one) => taskOf(one, context) === resource)) return free;
  const size = taskSize(resource);
  if (typeof size === "string") return unpriced(resource, size);
  const { perMonth, secondsEach } = assumedDeploys;
  return priced(
    line({
      resource: resource.name,
      kind: "usage",
      category: "compute",
      sku: `Fargate, one task of ${inWords(size)}, in ${perMonth} deploys of ${secondsEach} s`,
      quantity: perMonth * secondsEach,
      unit: "second",
      unitPrice:
        fargateUsdMonthly(size.cpuUnits, size.memoryMib, size.architecture) /
        (hoursPerMonth * 3_600),
      dated: fromBoth(fargatePrices.dated, assumedUseDated),
    }),
  );
};

/** Container Insights is the only part of a cluster that costs. */
const cluster: Pricer = (resource) => {
  const setting = list(resource.inputs.settings).find(({ name }) => name === "containerInsights");
  const value = setting?.value;
  return value === undefined || value === "disabled"
    ? free
    : unpriced(
        resource,
        `Container Insights: ${containerInsights.usdMetricMonth} USD a metric and month; how many metrics it makes is not documented`,
      );
};

/** Images of all repositories together. */
const repository: Pricer = (resource, context) => {
  if (!isFirst(resource, context)) return free;
  const { load, dated } = useOf(context);
  return priced(
    line({
      resource: sharedName(resource, context, "repositories"),
      kind: "usage",
      category: "compute",
      sku: "ECR storage of images",
      quantity: roundQuantity(load.imagesGb),
      unit: "GB-month",
      unitPrice: ecrPrices.usdGbMonth,
      dated: dated(ecrPrices.dated, "imagesGb"),
    }),
  );
};

function launchProblem(resource: ComposedResource): string | undefined {
  const providers = list(resource.inputs.capacityProviderStrategies).map(
    ({ capacityProvider }) => capacityProvider,
  );
  const launchType = knownText(resource, "launchType");
  if (launchType === "FARGATE" && providers.length === 0) return undefined;
  if (providers.length > 0 && providers.every((one) => one === "FARGATE")) return undefined;
  if (providers.includes("FARGATE_SPOT")) return "the price of Fargate Spot was not found";
  return `no price for the launch type ${launchType ?? "that the cluster has by default"}`;
}

function taskOf(resource: ComposedResource, context: PricingContext): ComposedResource | undefined {
  const named = knownText(resource, "taskDefinition")?.replace(/:\d+$/, "");
  return companionOf(
    resource,
    ecsRoles.service,
    ofType(context, awsTokens.taskDefinition),
    ecsRoles.task,
    (task) => named !== undefined && knownText(task, "family") === named,
  );
}

/** Tasks at the smallest and at the largest scale; the largest where autoscaling sets their number. */
function scaleOf(
  resource: ComposedResource,
  context: PricingContext,
): { readonly low: number | undefined; readonly high: number | undefined } {
  const name = knownText(resource, "name");
  const target = companionOf(
    resource,
    ecsRoles.service,
    ofType(context, awsTokens.scalingTarget).filter((one) => one.inputs.serviceNamespace === "ecs"),
    ecsRoles.scaling,
    (one) => name !== undefined && (knownText(one, "resourceId")?.endsWith(`/${name}`) ?? false),
  );
  return target
    ? { low: numberInput(target, "minCapacity"), high: numberInput(target, "maxCapacity") }
    : { low: numberInput(resource, "desiredCount"), high: undefined };
}

/** The size of a task definition, or why it has no price. */
function taskSize(task: ComposedResource): TaskSize | string {
  const compatible: unknown = task.inputs.requiresCompatibilities;
  if (!Array.isArray(compatible) || !compatible.includes("FARGATE")) {
    return `${task.name} is not made for Fargate`;
  }
  const cpuUnits = numberInput(task, "cpu");
  const memoryMib = numberInput(task, "memory");
  if (cpuUnits === undefined || memoryMib === undefined) {
    return `${task.name}: the size of the task is not known before a deploy`;
  }
  const problem = fargateSizeProblem(cpuUnits, memoryMib);
  if (problem !== undefined) return `${task.name}: ${problem}`;
  const disk = fields(task.inputs.ephemeralStorage).sizeInGib;
  if (typeof disk === "number" && disk > fargateLimits.ephemeralStorageGib.included) {
    return `${task.name}: the price of storage beyond ${fargateLimits.ephemeralStorageGib.included} GiB was not found`;
  }
  const platform = fields(task.inputs.runtimePlatform);
  const family = textOf(platform.operatingSystemFamily) ?? "LINUX";
  const architecture = textOf(platform.cpuArchitecture) ?? "X86_64";
  const known = fargateArchitectures.find((one) => one === architecture);
  return family === "LINUX" && known
    ? { cpuUnits, memoryMib, architecture: known }
    : `${task.name}: no price for tasks of ${family} on ${architecture}`;
}

function inWords({ cpuUnits, memoryMib, architecture }: TaskSize): string {
  const processor = architecture === "ARM64" ? "ARM" : "x86";
  return `${cpuUnits / 1_024} vCPU and ${memoryMib / 1_024} GB, ${processor}`;
}

function publicAddresses(resource: ComposedResource, tasks: number): Priced {
  if (fields(resource.inputs.networkConfiguration).assignPublicIp !== true) return free;
  return priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "compute",
      sku: "Public IPv4 of each task",
      quantity: tasks,
      unit: "address-month",
      unitPrice: publicIpv4.usdHour * hoursPerMonth,
      dated: publicIpv4.dated,
    }),
  );
}

/** ECS and its registry, by type token. */
export const awsComputePricers: Readonly<Record<string, Pricer>> = {
  [awsTokens.ecsService]: regional(service),
  [awsTokens.taskDefinition]: regional(taskDefinition),
  "aws:ecs/cluster:Cluster": cluster,
  "aws:ecr/repository:Repository": regional(repository),
};
