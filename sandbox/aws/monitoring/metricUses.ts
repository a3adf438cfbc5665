import { findMetric, metricProblems, statisticKind } from "../../../prices/aws";
import type { World } from "../../contracts";
import { logMetricFilterType } from "./types";

/** A metric as an alarm or a graph names it, with the values of its dimensions. */
interface NamedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly string[];
  readonly statistic: string;
  readonly region: string;
  readonly unit?: string;
}

/** What is wrong with a metric: one that AWS publishes, that the app writes, or that a filter makes. */
export function metricUseProblems(world: World, use: NamedMetric): readonly string[] {
  if (findMetric(use.namespace, use.name)) return metricProblems(use);
  const isFiltered = world.all(logMetricFilterType).some(({ inputs }) => {
    const made = inputs["metricTransformation"] as
      { readonly name: string; readonly namespace: string } | undefined;
    return (
      made?.name === use.name && made.namespace === use.namespace && inputs["region"] === use.region
    );
  });
  if (!isFiltered) return metricProblems(use);
  return statisticKind(use.statistic) === undefined ? [`${use.statistic} is no statistic`] : [];
}
