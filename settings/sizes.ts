import {
  appSizes,
  dropletSizes,
  postgresSizes,
  type AppSize,
  type DropletSize,
  type PostgresSize,
} from "../prices/digitalocean";
import { tiers } from "../tiers";

/** Whether a droplet is what the document calls a small tier's server. */
export function fitsSmallTier(size: DropletSize): boolean {
  const { vcpus, memoryGib, minDiskGib } = tiers.small.vps;
  const droplet = dropletSizes[size];
  return (
    droplet.vcpus >= vcpus.low &&
    droplet.vcpus <= vcpus.high &&
    droplet.memoryGib >= memoryGib.low &&
    droplet.memoryGib <= memoryGib.high &&
    (droplet.diskGib ?? 0) >= minDiskGib
  );
}

export const smallTierDroplets = (Object.keys(dropletSizes) as DropletSize[]).filter(fitsSmallTier);

/** Sizes in which a new Standard cluster can still be created. */
export const creatablePostgresSizes = (Object.keys(postgresSizes) as PostgresSize[]).filter(
  (size) => postgresSizes[size].creatableFrom20261130,
);

/** App Platform sizes whose number of instances can follow the load. */
export const autoscalingAppSizes = (Object.keys(appSizes) as AppSize[]).filter(
  (size) => appSizes[size].scaling === "auto",
);

/** Whether a droplet carries the medium tier's monitoring. */
export function fitsMonitoring(size: DropletSize): boolean {
  const { minMemoryGib, minDiskGib } = tiers.medium.monitoring;
  const droplet = dropletSizes[size];
  return droplet.memoryGib >= minMemoryGib && (droplet.diskGib ?? 0) >= minDiskGib;
}

export const monitoringDroplets = (Object.keys(dropletSizes) as DropletSize[]).filter(
  fitsMonitoring,
);

/** App Platform sizes of which a component may have more than one instance. */
export const scalableAppSizes = (Object.keys(appSizes) as AppSize[]).filter(
  (size) => appSizes[size].scaling !== "none",
);
