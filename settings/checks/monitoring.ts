import { dropletSizes } from "../../prices/digitalocean";
import { tiers } from "../../tiers";
import { problem, setCommand, type Problem } from "../problems";
import type { MediumConfig } from "../schema";
import { fitsMonitoring, monitoringDroplets } from "../sizes";

/** Whether the monitoring droplet holds what runs on it, and its series. */
export function monitoringProblems({
  monitoring: { size },
}: Pick<MediumConfig, "monitoring">): Problem[] {
  if (fitsMonitoring(size)) return [];
  const { minMemoryGib, minDiskGib, defaultSize } = tiers.medium.monitoring;
  const { memoryGib, diskGib } = dropletSizes[size];
  return [
    problem(
      ["monitoring", "size"],
      `${size} (${memoryGib} GiB, ${diskGib ?? "unknown"} GiB disk)`,
      `at least ${minMemoryGib} GiB of memory for Prometheus and the exporters, and ${minDiskGib} GiB of disk for 40 days of series: ${monitoringDroplets.join(", ")}`,
      setCommand(["monitoring", "size"], defaultSize),
    ),
  ];
}
