import { assumedUseDated, lambdaDefaults, lambdaPrices } from "../aws";
import { roundQuantity } from "../money";
import { regional } from "./awsInputs";
import { assumedDeploys, fromBoth, line, numberInput, priced, type Pricer } from "./pricer";

/** A function that each deploy calls once, and that waits for what it has started. */
const lambdaFunction: Pricer = (resource) => {
  const { perMonth, secondsEach } = assumedDeploys;
  const memoryGb = (numberInput(resource, "memorySize") ?? lambdaDefaults.memoryMib) / 1_024;
  const used = perMonth * secondsEach * memoryGb;
  return priced(
    line({
      resource: resource.name,
      kind: "usage",
      category: "compute",
      sku: `Lambda beyond the account's free ${lambdaPrices.freeGbSeconds} GB-seconds, of ${roundQuantity(used)} in ${perMonth} deploys of ${secondsEach} s`,
      quantity: roundQuantity(Math.max(0, used - lambdaPrices.freeGbSeconds)),
      unit: "GB-second",
      unitPrice: lambdaPrices.usdGbSecond,
      dated: fromBoth(lambdaPrices.dated, assumedUseDated),
    }),
  );
};

/** Functions, by type token. A call of one is in the function's own line. */
export const awsFunctionPricers: Readonly<Record<string, Pricer>> = {
  "aws:lambda/function:Function": regional(lambdaFunction),
};
