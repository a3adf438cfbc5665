import { z } from "zod";
import { CloudError, type Kind, type Operation } from "../cloud/kind";
import { dropletType } from "./droplet";
import { filled, isNetwork, now, numericId, tags, texts } from "./shapes";

const rule = {
  protocol: z.enum(["tcp", "udp", "icmp"]),
  portRange: filled.optional(),
  action: z.enum(["allow", "deny"]).optional(),
};
const inboundRule = z
  .strictObject({
    ...rule,
    sourceAddresses: texts.optional(),
    sourceDropletIds: z.array(numericId).optional(),
    sourceKubernetesIds: texts.optional(),
    sourceLoadBalancerUids: texts.optional(),
    sourceTags: tags,
  })
  .superRefine(withPorts("inbound"));
const outboundRule = z
  .strictObject({
    ...rule,
    destinationAddresses: texts.optional(),
    destinationDropletIds: z.array(numericId).optional(),
    destinationKubernetesIds: texts.optional(),
    destinationLoadBalancerUids: texts.optional(),
    destinationTags: tags,
  })
  .superRefine(withPorts("outbound"));
const inputs = z
  .object({
    name: filled.optional(),
    dropletIds: z.array(numericId).optional(),
    inboundRules: z.array(inboundRule).optional(),
    outboundRules: z.array(outboundRule).optional(),
    tags,
  })
  .superRefine(({ inboundRules = [], outboundRules = [] }, context) => {
    if (inboundRules.length + outboundRules.length > 0) return;
    const message = "At least one rule must be specified";
    context.addIssue({ code: "custom", path: ["inboundRules"], message });
  });

export type InboundRule = z.infer<typeof inboundRule>;

export const firewallType = "digitalocean:index/firewall:Firewall";

/**
 * Of one firewall; terraform-provider-digitalocean's documentation (facts, 2026-08-06), and for rules
 * DigitalOcean's introduction to Cloud Firewalls (2018-01-23) and its page of limits (no date).
 */
const most = { droplets: 10, tags: 5, rules: 50 };

export const firewall: Kind = {
  type: firewallType,
  inputs,
  immutable: [],
  autoName: "name",
  unique: [["name"]],
  conflict: () => "duplicate name",
  // A droplet that goes leaves its firewalls.
  references: [
    { input: "dropletIds[]", type: dropletType, onDelete: "release" },
    { input: "inboundRules[].sourceDropletIds[]", type: dropletType, onDelete: "release" },
    { input: "outboundRules[].destinationDropletIds[]", type: dropletType, onDelete: "release" },
  ],
  idStyle: "uuid",
  refuse,
  create: () => ({ outputs: { status: "succeeded", createdAt: now(), pendingChanges: [] } }),
};

function withPorts(direction: "inbound" | "outbound") {
  return (
    { protocol, portRange }: { readonly protocol: string; readonly portRange?: string | undefined },
    context: z.RefinementCtx,
  ): void => {
    if (protocol === "icmp" || portRange !== undefined) return;
    const message = `\`port_range\` of ${direction} rules is required if protocol is \`tcp\` or \`udp\``;
    context.addIssue({ code: "custom", path: ["portRange"], message });
  };
}

function refuse({ inputs: given }: Operation): void {
  const {
    name = "",
    dropletIds = [],
    inboundRules = [],
    outboundRules = [],
    tags: named = [],
  } = given as z.infer<typeof inputs>;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9.-]*$/.test(name)) {
    throw new CloudError(422, `invalid name "${name}": letters, digits, dots and dashes only`);
  }
  if (dropletIds.length > most.droplets) {
    throw new CloudError(
      422,
      `a firewall takes ${most.droplets} droplets, got ${dropletIds.length}`,
    );
  }
  if (named.length > most.tags) {
    throw new CloudError(422, `a firewall takes ${most.tags} tags, got ${named.length}`);
  }
  const rules = [...inboundRules, ...outboundRules];
  if (rules.length > most.rules) {
    throw new CloudError(422, `a firewall takes ${most.rules} rules, got ${rules.length}`);
  }
  for (const { portRange } of rules) requirePorts(portRange);
  const addresses = [
    ...inboundRules.flatMap(({ sourceAddresses = [] }) => sourceAddresses),
    ...outboundRules.flatMap(({ destinationAddresses = [] }) => destinationAddresses),
  ];
  const wrong = addresses.find((address) => !isNetwork(address));
  if (wrong !== undefined) {
    throw new CloudError(
      422,
      `invalid address "${wrong}": it takes an address or a range such as 203.0.113.0/24`,
    );
  }
}

/** First and last port of a rule. "all" and "0" are other words for every port. */
export function portsOf(
  text = "all",
): { readonly first: number; readonly last: number } | undefined {
  if (text === "all" || text === "0") return { first: 1, last: 65_535 };
  const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  if (first === undefined) return undefined;
  const ports = { first: Number(first), last: Number(last ?? first) };
  return ports.first >= 1 && ports.first <= ports.last && ports.last <= 65_535 ? ports : undefined;
}

function requirePorts(text: string | undefined): void {
  if (portsOf(text)) return;
  throw new CloudError(
    422,
    `invalid ports "${String(text)}": a port, a range such as 8000-9000, or 1-65535`,
  );
}
