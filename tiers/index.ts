import { large } from "./large";
import { medium } from "./medium";
import { small } from "./small";
import type { TierName, TierSpec } from "./types";

/** Every tier by name; a tier without a spec does not compile. */
export const tiers = { small, medium, large } as const satisfies Record<TierName, TierSpec>;
