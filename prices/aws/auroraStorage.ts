import { localStoragePage } from "./sources";

/** GiB by size of a class; each family has its own. */
const sizes = (
  family: string,
  byPower: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(byPower).map(([size, gib]) => [`db.${family}.${size}`, gib]));

const older = {
  large: 32,
  xlarge: 63,
  "2xlarge": 126,
  "4xlarge": 252,
  "8xlarge": 504,
  "12xlarge": 756,
  "16xlarge": 1_008,
};
const intel = {
  large: 31,
  xlarge: 62,
  "2xlarge": 124,
  "4xlarge": 249,
  "8xlarge": 504,
  "12xlarge": 748,
  "16xlarge": 1_008,
  "24xlarge": 1_500,
};

/** An instance's own disk, for temporary files and logs; the data is on the cluster's volume. */
const localStorageGib: Readonly<Record<string, number>> = {
  ...sizes("r6g", older),
  ...sizes("r7g", older),
  ...sizes("r8g", {
    large: 31,
    xlarge: 63,
    "2xlarge": 125,
    "4xlarge": 250,
    "8xlarge": 499,
    "12xlarge": 749,
    "16xlarge": 998,
    "24xlarge": 1_536,
    "48xlarge": 3_072,
  }),
  ...sizes("r6i", intel),
  ...sizes("r7i", { ...intel, "48xlarge": 3_072 }),
  ...sizes("t4g", { medium: 8.13, large: 16.5 }),
  ...sizes("t3", { medium: 7.5, large: 16 }),
};
export const auroraLocalStorageDated = localStoragePage;

/**
 * GiB of the local disk of an instance of this class; undefined for a class that the table does not
 * have, and for a serverless one, which has no such metric.
 */
export function auroraLocalStorageGib(instanceClass: string): number | undefined {
  return localStorageGib[instanceClass];
}
