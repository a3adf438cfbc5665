import { z } from "zod";
import { findCloudflarePlan } from "../../prices/cloudflare";
import type { Kind, Made, Operation } from "../cloud/kind";
import { CloudflareError } from "./errors";
import { inZone, zoneSubscriptionType } from "./zone";

const text = z.string().optional();

/** Of @pulumi/cloudflare 6.22.1, whose documentation prints "_" as "*". */
const ratePlans = [
  ...["free", "lite", "pro", "pro_plus", "business", "enterprise", "partners_free"],
  ...["partners_pro", "partners_business", "partners_enterprise", "partners_ent"],
];
const frequencies = ["weekly", "monthly", "quarterly", "yearly", "not-applicable"];
const oneOf = (words: readonly string[]) =>
  z.string().refine((word) => words.includes(word.toLowerCase()), {
    error: () => `expected one of ${words.join(", ")}`,
  });

const inputs = z.object({
  zoneId: z.string(),
  frequency: oneOf(frequencies).optional(),
  ratePlan: z
    .strictObject({
      id: oneOf(ratePlans).optional(),
      ...{ currency: text, publicName: text, scope: text, sets: z.array(z.string()).optional() },
      ...{ externallyManaged: z.boolean().optional(), isContract: z.boolean().optional() },
    })
    .optional(),
});
type Inputs = z.infer<typeof inputs>;

/**
 * A zone's plan, for as long as this exists. At Cloudflare the plan stays when the resource goes, as
 * the provider asks for nothing then; here the zone falls back to the plan that it came with, so that
 * whatever still needs the better one is refused.
 */
export const zoneSubscription: Kind = {
  type: zoneSubscriptionType,
  inputs,
  immutable: ["zoneId"],
  references: [inZone],
  unique: [["zoneId"]],
  conflict: ({ zoneId }) => `the zone ${String(zoneId)} has a subscription already`,
  // As the provider has it.
  idStyle: ({ zoneId }) => String(zoneId),
  recorded: "nothing is paid: the zone counts as on the plan while this exists",
  refuse,
  create: made,
  update: made,
};

/** Words of terraform-provider-cloudflare's issues 7083 (2026-04-30) and 1307 (2021-11-11). */
function refuse({ inputs: given }: Operation): void {
  const id = (given as Inputs).ratePlan?.id?.toLowerCase();
  if (id === undefined || id === "free") {
    throw new CloudflareError(
      1207,
      "Add a core subscription first and try again. The zone does not have an active core subscription.",
    );
  }
  if (!findCloudflarePlan(id)) {
    throw new CloudflareError(1204, `failed to resolve provided rate plan: '${id.toUpperCase()}'`);
  }
}

function made({ inputs: given }: Operation): Made {
  const { frequency = "monthly", ratePlan } = given as Inputs;
  const plan = findCloudflarePlan(ratePlan?.id?.toLowerCase() ?? "");
  const yearly = frequency.toLowerCase() === "yearly";
  return {
    outputs: {
      currency: "USD",
      state: "Paid",
      price: yearly ? (plan?.usdMonthlyAnnual ?? 0) * 12 : (plan?.usdMonthly ?? 0),
    },
  };
}
