import { z } from "zod";
import {
  type CloudflarePlan,
  type CloudflarePlanSpec,
  cloudflarePlans,
  findCloudflarePlan,
} from "../../prices/cloudflare";
import { CloudError, type Kind, type Reference, type Values } from "../cloud/kind";
import type { CloudResource, World } from "../contracts";

const inputs = z.object({
  account: z.strictObject({ id: z.string().optional() }),
  name: z.string(),
  paused: z.boolean().optional(),
  type: z.enum(["full", "partial", "secondary", "internal"]).optional(),
  vanityNameServers: z.array(z.string()).optional(),
});

const zoneType = "cloudflare:index/zone:Zone";

/** A zone that was there before has its plan among the inputs; a new one is on the Free plan. */
export const zone: Kind = {
  type: zoneType,
  inputs,
  immutable: ["account", "name"],
  unique: [["name"]],
  conflict: ({ name }) => `${String(name)} already exists`,
  idStyle: "hex",
  recorded: "no name server answers for it: the edge of this machine does",
  create: () => ({ outputs: { status: "active", nameServers: [], plan: { id: "free" } } }),
};

/** What is in a zone goes with it. */
export const inZone: Reference = { input: "zoneId", type: zoneType, onDelete: "cascade" };

/** The zone that an input names; the framework has seen to it that there is one. */
export function zoneOf(world: World, { zoneId }: Values): CloudResource {
  const found = world.get(zoneType, String(zoneId));
  if (!found) throw new CloudError(404, `there is no zone ${String(zoneId)}`);
  return found;
}

export const zoneSubscriptionType = "cloudflare:index/zoneSubscription:ZoneSubscription";

/** A zone's plan, and what it allows. */
export interface Plan {
  readonly id: CloudflarePlan;
  readonly spec: CloudflarePlanSpec;
}

/** The plan that is subscribed for a zone, or the one that it came with. */
export function planOf(world: World, { id: zoneId, inputs }: CloudResource): Plan {
  const subscribed = world
    .all(zoneSubscriptionType)
    .find((one) => one.ready && one.inputs["zoneId"] === zoneId);
  const ratePlan = subscribed?.inputs["ratePlan"] as { readonly id?: string } | undefined;
  const own = inputs["plan"] as string | undefined;
  const id = (ratePlan?.id ?? own ?? "free").toLowerCase();
  const spec = findCloudflarePlan(id);
  return spec ? { id: id as CloudflarePlan, spec } : { id: "free", spec: cloudflarePlans.free };
}
