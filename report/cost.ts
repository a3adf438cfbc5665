import type { Settings } from "../config";
import { estimate } from "../prices/estimate";
import { sumUsd } from "../prices/money";
import type { CostLine, Estimate, Unpriced } from "../prices/types";
import { tiers } from "../tiers";
import type { Range } from "../tiers/types";
import type { RegisteredResource } from "./compose";

export type TierSettings = Exclude<Settings, { readonly tier: "edge" }>;

/** An estimate beside what it should be. */
export type TierCost = Estimate & {
  readonly currency: "USD";
  /** The document's ranges, USD a month: the breakdown's total and the option's headline. */
  readonly seed: {
    readonly total: readonly [number, number];
    readonly headline: readonly [number, number];
  };
  /** Null where something could not be priced: the sum is then only a part. */
  readonly withinTotal: boolean | null;
  /** What the default configuration should stay within, USD a month. */
  readonly target: number;
  readonly withinTarget: boolean | null;
};

/** What a tier's stack costs a month at the load that it is made for, and how that is judged. */
export function costOf(resources: readonly RegisteredResource[], config: TierSettings): TierCost {
  const { numbers } = tiers[config.tier];
  const target = costTargetOf(config);
  const alsoPaid = externalServices(config);
  const found = estimate({ resources, load: numbers.monthlyLoad, alsoPaid });
  const whole = found.unpriced.length === 0;
  const pair = ({ low, high }: Range): [number, number] => [low, high];
  return {
    currency: "USD",
    ...found,
    seed: { total: pair(numbers.costUsdTotal), headline: pair(numbers.costUsdHeadline) },
    withinTotal: whole ? found.monthly <= numbers.costUsdTotal.high : null,
    target,
    withinTarget: whole ? found.monthly <= target : null,
  };
}

/** What a configuration should stay within, USD a month: a read replica is worth its price. */
function costTargetOf(config: TierSettings): number {
  return config.tier === "medium" && config.postgres.readReplicas > 0
    ? tiers.medium.costUsdTargetWithReplicas
    : tiers[config.tier].numbers.costUsdTarget;
}

/** What somebody else bills and no resource of ours shows. */
function externalServices({ postgres, redis }: TierSettings): Unpriced[] {
  const reason = "billed by its vendor, whose prices are not in the book";
  return [
    ...(postgres.provider === "external"
      ? [{ resource: "postgres", type: "external Postgres", reason }]
      : []),
    ...(redis.provider === "external"
      ? [{ resource: "redis", type: "external Redis", reason }]
      : []),
  ];
}

/** Cost a month with all that scales at its largest; the sum itself where nothing does. */
export function atItsLargest({
  lines,
}: {
  readonly lines: readonly Pick<CostLine, "monthly" | "atMost">[];
}): number {
  return sumUsd(lines.map(({ monthly, atMost }) => atMost?.monthly ?? monthly));
}
