import type { DropletSizeSpec } from "./dropletSize";
import { dedicatedQuoted2026, dedicatedTables2024 } from "./sources";

/** Dedicated vCPUs, by slug. A disk that no source gives is null: such a size is never a default. */
export const dedicatedSizes = {
  // CPU-optimized: dedicated vCPUs, 2 GiB each.
  "c-2": {
    vcpus: 2,
    memoryGib: 4,
    diskGib: 25,
    transferTib: null,
    usdMonthly: 42,
    dated: dedicatedQuoted2026,
  },
  "c-4": {
    vcpus: 4,
    memoryGib: 8,
    diskGib: 50,
    transferTib: null,
    usdMonthly: 84,
    dated: dedicatedQuoted2026,
  },
  "c-8": {
    vcpus: 8,
    memoryGib: 16,
    diskGib: null,
    transferTib: null,
    usdMonthly: 168,
    dated: dedicatedTables2024,
  },
  // General purpose: dedicated vCPUs, 4 GiB each.
  "g-2vcpu-8gb": {
    vcpus: 2,
    memoryGib: 8,
    diskGib: 25,
    transferTib: null,
    usdMonthly: 63,
    dated: dedicatedTables2024,
  },
  "g-4vcpu-16gb": {
    vcpus: 4,
    memoryGib: 16,
    diskGib: null,
    transferTib: null,
    usdMonthly: 126,
    dated: dedicatedTables2024,
  },
  // General purpose with twice the disk.
  "gd-2vcpu-8gb": {
    vcpus: 2,
    memoryGib: 8,
    diskGib: null,
    transferTib: null,
    usdMonthly: 68,
    dated: dedicatedTables2024,
  },
  "gd-4vcpu-16gb": {
    vcpus: 4,
    memoryGib: 16,
    diskGib: null,
    transferTib: null,
    usdMonthly: 136,
    dated: dedicatedTables2024,
  },
  // Memory-optimized: dedicated vCPUs, 8 GiB each.
  "m-2vcpu-16gb": {
    vcpus: 2,
    memoryGib: 16,
    diskGib: null,
    transferTib: null,
    usdMonthly: 84,
    dated: dedicatedTables2024,
  },
  "m-4vcpu-32gb": {
    vcpus: 4,
    memoryGib: 32,
    diskGib: null,
    transferTib: null,
    usdMonthly: 168,
    dated: dedicatedTables2024,
  },
} as const satisfies Record<string, DropletSizeSpec>;
