import type { Dated } from "../types";

/** What one Droplet size offers and costs in a full month; part of a month costs less. */
export interface DropletSizeSpec {
  readonly vcpus: number;
  readonly memoryGib: number;
  /** Local disk; null where no source gives it. */
  readonly diskGib: number | null;
  /** Outbound transfer a month, as listed ("1 TB"); null where no source gives it. */
  readonly transferTib: number | null;
  readonly usdMonthly: number;
  readonly dated: Dated;
}
