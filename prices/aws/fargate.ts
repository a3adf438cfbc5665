import type { Dated } from "../types";
import { hoursPerMonth } from "./load";
import { fargateSizesPage, priceFileNotes, serviceModels } from "./sources";

/** CPU architectures of a Linux task, as `runtimePlatform.cpuArchitecture` names them. */
export const fargateArchitectures = ["X86_64", "ARM64"] as const;
export type FargateArchitecture = (typeof fargateArchitectures)[number];

/** Linux on Fargate in us-east-1, on demand, USD an hour. The price of Fargate Spot was not found. */
export const fargatePrices = {
  X86_64: { usdVcpuHour: 0.04048, usdGbHour: 0.004445 },
  ARM64: { usdVcpuHour: 0.03238, usdGbHour: 0.00356 },
  dated: priceFileNotes,
} as const satisfies Record<FargateArchitecture, unknown> & { readonly dated: Dated };

/** Memory that tasks of a CPU size may have, in MiB: all from `low` to `high` by `step`. */
interface MemoryRange {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/**
 * By CPU units; 256 has 512 beside the steps. AWS's linter knows 32768 units too (60, 120 and
 * 244 GiB), which the documentation that was read does not have: not accepted here.
 */
const memoryRanges = {
  256: { low: 1_024, high: 2_048, step: 1_024 },
  512: { low: 1_024, high: 4_096, step: 1_024 },
  1024: { low: 2_048, high: 8_192, step: 1_024 },
  2048: { low: 4_096, high: 16_384, step: 1_024 },
  4096: { low: 8_192, high: 30_720, step: 1_024 },
  8192: { low: 16_384, high: 61_440, step: 4_096 },
  16384: { low: 32_768, high: 122_880, step: 8_192 },
} as const satisfies Record<number, MemoryRange>;
export type FargateCpu = keyof typeof memoryRanges;

/** CPU units that a task may have; 1024 are one vCPU. */
export const fargateCpuUnits: readonly FargateCpu[] = [256, 512, 1024, 2048, 4096, 8192, 16384];
export const fargateSizesDated: Dated = fargateSizesPage;

/** Memory that a task of these CPU units may have, in MiB, ascending; empty for other units. */
export function fargateMemoryMib(cpuUnits: number): readonly number[] {
  if (!Object.hasOwn(memoryRanges, cpuUnits)) return [];
  const { low, high, step } = memoryRanges[cpuUnits as FargateCpu];
  const steps = Array.from({ length: (high - low) / step + 1 }, (_, index) => low + index * step);
  return cpuUnits === 256 ? [512, ...steps] : steps;
}

/** Does Fargate run tasks of this size? */
export function isFargateSize(cpuUnits: number, memoryMib: number): boolean {
  return fargateMemoryMib(cpuUnits).includes(memoryMib);
}

/** Why Fargate refuses a size, with what it takes instead; undefined where it does not. */
export function fargateSizeProblem(cpuUnits: number, memoryMib: number): string | undefined {
  const memory = fargateMemoryMib(cpuUnits);
  if (memory.length === 0) {
    return `Fargate has no task of ${cpuUnits} CPU units; it has ${fargateCpuUnits.join(", ")}`;
  }
  if (memory.includes(memoryMib)) return undefined;
  const takers = fargateCpuUnits.filter((units) => isFargateSize(units, memoryMib));
  return (
    `Fargate has no task of ${cpuUnits} CPU units with ${memoryMib} MiB; ` +
    `${cpuUnits} units take ${inWords(memory)} MiB` +
    (takers.length > 0 ? `, ${memoryMib} MiB go with ${takers.join(", ")} units` : "")
  );
}

function inWords(memory: readonly number[]): string {
  if (memory.length <= 4) return memory.join(", ");
  const [low, next] = memory;
  return `${low ?? 0}, ${next ?? 0} … ${memory.at(-1) ?? 0}`;
}

/** What a task costs when it runs all month, USD; unrounded. */
export function fargateUsdMonthly(
  cpuUnits: number,
  memoryMib: number,
  architecture: FargateArchitecture,
): number {
  const { usdVcpuHour, usdGbHour } = fargatePrices[architecture];
  return hoursPerMonth * ((cpuUnits / 1_024) * usdVcpuHour + (memoryMib / 1_024) * usdGbHour);
}

/** What Fargate keeps tasks to. */
export const fargateLimits = {
  /** Included in the price. */
  ephemeralStorageGib: { low: 21, high: 200, included: 20 },
  /** Seconds between SIGTERM and SIGKILL. */
  stopTimeoutSeconds: { low: 2, high: 120, default: 30 },
  /** Platform version that 8192 and 16384 units need. */
  largeTaskPlatform: "1.4.0",
  networkMode: "awsvpc",
  logDrivers: ["awslogs", "splunk", "awsfirelens"],
  dated: serviceModels,
} as const;

/** What ECS keeps services and their containers to. */
export const ecsLimits = {
  /** Health check of a container, seconds. */
  healthCheck: {
    intervalSeconds: { low: 5, high: 300, default: 30 },
    timeoutSeconds: { low: 2, high: 60, default: 5 },
    retries: { low: 1, high: 10, default: 3 },
    startPeriodSeconds: { low: 0, high: 300, default: 0 },
  },
  subnetsPerService: 16,
  securityGroupsPerService: 5,
  capacityProvidersPerStrategy: 20,
  /** Share of the desired tasks that may run during a deploy, in percent. */
  deployment: { maximumPercent: 200, minimumHealthyPercent: 100 },
  containerInsights: ["enhanced", "enabled", "disabled"],
  dated: serviceModels,
} as const;
