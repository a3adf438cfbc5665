import { dedicatedSizes } from "./dedicated";
import { pricingPageNotes } from "./sources";
import type { DropletSizeSpec } from "./dropletSize";

/** Shared vCPUs, by slug, smallest first. */
const basicSizes = {
  "s-1vcpu-512mb-10gb": {
    vcpus: 1,
    memoryGib: 0.5,
    diskGib: 10,
    transferTib: 0.5,
    usdMonthly: 4,
    dated: pricingPageNotes,
  },
  "s-1vcpu-1gb": {
    vcpus: 1,
    memoryGib: 1,
    diskGib: 25,
    transferTib: 1,
    usdMonthly: 6,
    dated: pricingPageNotes,
  },
  "s-1vcpu-1gb-amd": {
    vcpus: 1,
    memoryGib: 1,
    diskGib: 25,
    transferTib: 1,
    usdMonthly: 7,
    dated: pricingPageNotes,
  },
  "s-1vcpu-1gb-intel": {
    vcpus: 1,
    memoryGib: 1,
    diskGib: 25,
    transferTib: 1,
    usdMonthly: 7,
    dated: pricingPageNotes,
  },
  "s-1vcpu-1gb-35gb-intel": {
    vcpus: 1,
    memoryGib: 1,
    diskGib: 35,
    transferTib: 1,
    usdMonthly: 8,
    dated: pricingPageNotes,
  },
  "s-1vcpu-2gb": {
    vcpus: 1,
    memoryGib: 2,
    diskGib: 50,
    transferTib: 2,
    usdMonthly: 12,
    dated: pricingPageNotes,
  },
  "s-1vcpu-2gb-amd": {
    vcpus: 1,
    memoryGib: 2,
    diskGib: 50,
    transferTib: 2,
    usdMonthly: 14,
    dated: pricingPageNotes,
  },
  "s-1vcpu-2gb-intel": {
    vcpus: 1,
    memoryGib: 2,
    diskGib: 50,
    transferTib: 2,
    usdMonthly: 14,
    dated: pricingPageNotes,
  },
  "s-1vcpu-2gb-70gb-intel": {
    vcpus: 1,
    memoryGib: 2,
    diskGib: 70,
    transferTib: 2,
    usdMonthly: 16,
    dated: pricingPageNotes,
  },
  "s-2vcpu-2gb": {
    vcpus: 2,
    memoryGib: 2,
    diskGib: 60,
    transferTib: 3,
    usdMonthly: 18,
    dated: pricingPageNotes,
  },
  "s-2vcpu-2gb-amd": {
    vcpus: 2,
    memoryGib: 2,
    diskGib: 60,
    transferTib: 3,
    usdMonthly: 21,
    dated: pricingPageNotes,
  },
  "s-2vcpu-2gb-intel": {
    vcpus: 2,
    memoryGib: 2,
    diskGib: 60,
    transferTib: 3,
    usdMonthly: 21,
    dated: pricingPageNotes,
  },
  "s-2vcpu-2gb-90gb-intel": {
    vcpus: 2,
    memoryGib: 2,
    diskGib: 90,
    transferTib: 3,
    usdMonthly: 24,
    dated: pricingPageNotes,
  },
  "s-2vcpu-4gb": {
    vcpus: 2,
    memoryGib: 4,
    diskGib: 80,
    transferTib: 4,
    usdMonthly: 24,
    dated: pricingPageNotes,
  },
  "s-2vcpu-4gb-amd": {
    vcpus: 2,
    memoryGib: 4,
    diskGib: 80,
    transferTib: 4,
    usdMonthly: 28,
    dated: pricingPageNotes,
  },
  "s-2vcpu-4gb-intel": {
    vcpus: 2,
    memoryGib: 4,
    diskGib: 80,
    transferTib: 4,
    usdMonthly: 28,
    dated: pricingPageNotes,
  },
  "s-2vcpu-4gb-120gb-intel": {
    vcpus: 2,
    memoryGib: 4,
    diskGib: 120,
    transferTib: 4,
    usdMonthly: 32,
    dated: pricingPageNotes,
  },
  "s-2vcpu-8gb-amd": {
    vcpus: 2,
    memoryGib: 8,
    diskGib: 100,
    transferTib: 5,
    usdMonthly: 42,
    dated: pricingPageNotes,
  },
  "s-4vcpu-8gb": {
    vcpus: 4,
    memoryGib: 8,
    diskGib: 160,
    transferTib: 5,
    usdMonthly: 48,
    dated: pricingPageNotes,
  },
  "s-4vcpu-8gb-amd": {
    vcpus: 4,
    memoryGib: 8,
    diskGib: 160,
    transferTib: 5,
    usdMonthly: 56,
    dated: pricingPageNotes,
  },
  "s-4vcpu-8gb-intel": {
    vcpus: 4,
    memoryGib: 8,
    diskGib: 160,
    transferTib: 5,
    usdMonthly: 56,
    dated: pricingPageNotes,
  },
  "s-8vcpu-16gb": {
    vcpus: 8,
    memoryGib: 16,
    diskGib: 320,
    transferTib: 6,
    usdMonthly: 96,
    dated: pricingPageNotes,
  },
} as const satisfies Record<string, DropletSizeSpec>;

/** Every Droplet size the price book knows, by slug. */
export const dropletSizes = { ...basicSizes, ...dedicatedSizes } as const satisfies Record<
  string,
  DropletSizeSpec
>;

export type DropletSize = keyof typeof dropletSizes;

/** The size with this slug, or undefined for a slug the table does not know. */
export function findDropletSize(slug: string): DropletSizeSpec | undefined {
  return Object.hasOwn(dropletSizes, slug) ? dropletSizes[slug as DropletSize] : undefined;
}
