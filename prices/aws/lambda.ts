import { pricingPageQuotes } from "./sources";

/** A function on ARM in us-east-1; the free part is an account's, each month, for ever. */
export const lambdaPrices = {
  usdGbSecond: 0.0000133334,
  usdMillionRequests: 0.2,
  freeGbSeconds: 400_000,
  freeRequests: 1_000_000,
  dated: pricingPageQuotes,
} as const;

/** What a function may be. */
export const lambdaDefaults = { memoryMib: 128 } as const;
