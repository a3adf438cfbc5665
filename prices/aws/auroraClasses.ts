import type { Dated } from "../types";
import { hoursPerMonth } from "./load";
import { regions, type AuroraFamily, type AwsRegion, type RegionSpec } from "./regions";
import { auroraPriceNotes, ec2TypeRecords, linterTables, priceFileNotes } from "./sources";

/** What a class of Aurora PostgreSQL offers and costs an instance. */
export interface AuroraClassSpec {
  readonly vcpus: number;
  readonly memoryGib: number;
  /** us-east-1, on demand, storage configuration Standard; null: not found. */
  readonly usdHour: number | null;
}

/** Burstable classes: for tests, as AWS says; they throttle or cost more when their credits are used up. */
const burstable = {
  "db.t3.medium": { vcpus: 2, memoryGib: 4, usdHour: 0.082 },
  "db.t3.large": { vcpus: 2, memoryGib: 8, usdHour: null },
  "db.t4g.medium": { vcpus: 2, memoryGib: 4, usdHour: 0.073 },
  "db.t4g.large": { vcpus: 2, memoryGib: 8, usdHour: 0.146 },
} as const satisfies Record<string, AuroraClassSpec>;

const graviton = {
  "db.r6g.large": { vcpus: 2, memoryGib: 16, usdHour: 0.26 },
  "db.r6g.xlarge": { vcpus: 4, memoryGib: 32, usdHour: null },
  "db.r6g.2xlarge": { vcpus: 8, memoryGib: 64, usdHour: null },
  "db.r6g.4xlarge": { vcpus: 16, memoryGib: 128, usdHour: null },
  "db.r6g.8xlarge": { vcpus: 32, memoryGib: 256, usdHour: null },
  "db.r6g.12xlarge": { vcpus: 48, memoryGib: 384, usdHour: null },
  "db.r6g.16xlarge": { vcpus: 64, memoryGib: 512, usdHour: null },
  "db.r7g.large": { vcpus: 2, memoryGib: 16, usdHour: 0.276 },
  "db.r7g.xlarge": { vcpus: 4, memoryGib: 32, usdHour: 0.553 },
  "db.r7g.2xlarge": { vcpus: 8, memoryGib: 64, usdHour: 1.106 },
  "db.r7g.4xlarge": { vcpus: 16, memoryGib: 128, usdHour: 2.211 },
  "db.r7g.8xlarge": { vcpus: 32, memoryGib: 256, usdHour: null },
  "db.r7g.12xlarge": { vcpus: 48, memoryGib: 384, usdHour: null },
  "db.r7g.16xlarge": { vcpus: 64, memoryGib: 512, usdHour: null },
  "db.r8g.large": { vcpus: 2, memoryGib: 16, usdHour: 0.276 },
  "db.r8g.xlarge": { vcpus: 4, memoryGib: 32, usdHour: null },
  "db.r8g.2xlarge": { vcpus: 8, memoryGib: 64, usdHour: null },
  "db.r8g.4xlarge": { vcpus: 16, memoryGib: 128, usdHour: null },
  "db.r8g.8xlarge": { vcpus: 32, memoryGib: 256, usdHour: null },
  "db.r8g.12xlarge": { vcpus: 48, memoryGib: 384, usdHour: null },
  "db.r8g.16xlarge": { vcpus: 64, memoryGib: 512, usdHour: null },
  "db.r8g.24xlarge": { vcpus: 96, memoryGib: 768, usdHour: null },
  "db.r8g.48xlarge": { vcpus: 192, memoryGib: 1_536, usdHour: null },
} as const satisfies Record<string, AuroraClassSpec>;

const intel = {
  "db.r6i.large": { vcpus: 2, memoryGib: 16, usdHour: null },
  "db.r6i.xlarge": { vcpus: 4, memoryGib: 32, usdHour: null },
  "db.r6i.2xlarge": { vcpus: 8, memoryGib: 64, usdHour: null },
  "db.r6i.4xlarge": { vcpus: 16, memoryGib: 128, usdHour: null },
  "db.r6i.8xlarge": { vcpus: 32, memoryGib: 256, usdHour: null },
  "db.r6i.12xlarge": { vcpus: 48, memoryGib: 384, usdHour: null },
  "db.r6i.16xlarge": { vcpus: 64, memoryGib: 512, usdHour: null },
  "db.r6i.24xlarge": { vcpus: 96, memoryGib: 768, usdHour: null },
  "db.r7i.large": { vcpus: 2, memoryGib: 16, usdHour: null },
  "db.r7i.xlarge": { vcpus: 4, memoryGib: 32, usdHour: null },
  "db.r7i.2xlarge": { vcpus: 8, memoryGib: 64, usdHour: null },
  "db.r7i.4xlarge": { vcpus: 16, memoryGib: 128, usdHour: null },
  "db.r7i.8xlarge": { vcpus: 32, memoryGib: 256, usdHour: null },
  "db.r7i.12xlarge": { vcpus: 48, memoryGib: 384, usdHour: null },
  "db.r7i.16xlarge": { vcpus: 64, memoryGib: 512, usdHour: null },
  "db.r7i.24xlarge": { vcpus: 96, memoryGib: 768, usdHour: null },
  "db.r7i.48xlarge": { vcpus: 192, memoryGib: 1_536, usdHour: null },
} as const satisfies Record<string, AuroraClassSpec>;

/**
 * Classes of Aurora PostgreSQL that the book knows, by name. Aurora has more (r4, r5, x2g, r8a and
 * those with local disks); `db.serverless` stands in `aurora.ts`.
 */
export const auroraClasses = { ...burstable, ...graviton, ...intel } as const satisfies Record<
  string,
  AuroraClassSpec
>;
export type AuroraClass = keyof typeof auroraClasses;

/** Where the columns of `auroraClasses` were read. */
export const auroraClassesDated = {
  offered: linterTables,
  sizes: ec2TypeRecords,
  prices: priceFileNotes,
  /** Of r6g, r8g and t3, which the price files' notes do not have. */
  otherPrices: auroraPriceNotes,
} as const satisfies Record<string, Dated>;

/** The class of an instance that scales by itself between the cluster's capacities. */
export const serverlessClass = "db.serverless";

/** The class with this name, or undefined for one the table does not know. */
export function findAuroraClass(name: string): AuroraClassSpec | undefined {
  return Object.hasOwn(auroraClasses, name) ? auroraClasses[name as AuroraClass] : undefined;
}

/** The family of a class: `db.r7g.large` is of `r7g`. */
export function auroraFamilyOf(name: AuroraClass): AuroraFamily {
  return name.split(".", 2)[1] as AuroraFamily;
}

/** USD a month of an instance that always runs, unrounded; undefined where its price was not found. */
export function auroraUsdMonthly(name: AuroraClass): number | undefined {
  const { usdHour } = auroraClasses[name];
  return usdHour === null ? undefined : usdHour * hoursPerMonth;
}

/** Where the price of a class was read. */
export function auroraPriceDated(name: AuroraClass): Dated {
  return ["r6g", "r8g", "t3"].includes(auroraFamilyOf(name))
    ? auroraClassesDated.otherPrices
    : auroraClassesDated.prices;
}

/** Classes that RDS has and Aurora has not: general purpose, and the burstable ones but two sizes. */
const rdsOnly =
  /^db\.(m\d\w*\.\w+|t4g\.(micro|small|xlarge|2xlarge)|t3\.(micro|small|xlarge|2xlarge))$/;

/** Why Aurora PostgreSQL has no instance of this class in a region, or undefined where it has. */
export function auroraClassProblem(name: string, region: AwsRegion): string | undefined {
  if (name === serverlessClass) return undefined;
  if (rdsOnly.test(name)) {
    return `${name} is a class of RDS that Aurora does not offer; the smallest are db.t4g.medium and db.r7g.large`;
  }
  if (!findAuroraClass(name)) return `${name} is no class of Aurora PostgreSQL that is known here`;
  const family = auroraFamilyOf(name as AuroraClass);
  const { auroraLacks: lacks = [] }: RegionSpec = regions[region];
  return lacks.includes(family)
    ? `${name} has no price in ${region}: Aurora PostgreSQL has no db.${family} there`
    : undefined;
}

/** Bytes of memory that one connection is reckoned with, and the most that a class allows. */
export const auroraConnectionFormula = { bytesPerConnection: 9_531_392, most: 5_000 } as const;

/**
 * The default of `max_connections`: LEAST({DBInstanceClassMemory/9531392},5000), from the class's
 * nominal memory. The real default is lower by what the system takes (2 GiB: 198 seen for 225):
 * set the parameter where an exact number is needed.
 */
export function auroraMaxConnections(memoryGib: number): number {
  const { bytesPerConnection, most } = auroraConnectionFormula;
  return Math.min(Math.floor((memoryGib * 2 ** 30) / bytesPerConnection), most);
}
