import {
  dropletSizes,
  postgresSizes,
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
