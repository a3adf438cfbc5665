import { z } from "zod";
import {
  monitorAlertTypes,
  monitorAlertWindows,
  uptimeAlertPeriods,
  uptimeAlertTypes,
  uptimeCheckRegions,
  uptimeCheckTypes,
  uptimeLatencyMaxMilliseconds,
} from "../../prices/digitalocean";
import { CloudError, type Kind } from "../cloud/kind";
import { databaseClusterType } from "./databaseCluster";
import { replica } from "./databaseReplica";
import { dropletType } from "./droplet";
import { filled, recipients, requireRecipient, tags } from "./shapes";

const notWatched = "DigitalOcean's probes and agents measure nothing here, so nobody is told";

const monitorInputs = z.object({
  type: z.enum(monitorAlertTypes),
  compare: z.enum(["GreaterThan", "LessThan"]),
  value: z.number().min(0),
  window: z.enum(Object.keys(monitorAlertWindows) as [string, ...string[]]),
  description: z.string(),
  enabled: z.boolean().optional(),
  entities: z.array(z.string()).min(1).optional(),
  tags,
  alerts: recipients,
});

const about = (prefix: string) => (holder: Readonly<Record<string, unknown>>) =>
  String(holder["type"]).startsWith(prefix);

export const monitorAlert: Kind = {
  type: "digitalocean:index/monitorAlert:MonitorAlert",
  inputs: monitorInputs,
  sensitive: ["alerts"],
  immutable: [],
  defaults: { enabled: true },
  references: [
    {
      input: "entities[]",
      type: dropletType,
      onDelete: "release",
      when: about("v1/insights/droplet/"),
    },
    {
      input: "entities[]",
      type: databaseClusterType,
      or: replica,
      onDelete: "release",
      when: about("v1/dbaas/"),
    },
    // There are no load balancers here, so whoever names one is refused.
    {
      input: "entities[]",
      type: "digitalocean:index/loadBalancer:LoadBalancer",
      when: about("v1/insights/lbaas/"),
    },
  ],
  idStyle: "uuid",
  recorded: notWatched,
  refuse: ({ inputs }) => {
    requireRecipient([(inputs as z.infer<typeof monitorInputs>).alerts], "alerts");
  },
  create: ({ id }) => ({ outputs: { uuid: id } }),
};

const checkInputs = z.object({
  name: filled.optional(),
  type: z.enum(uptimeCheckTypes).optional(),
  target: z.string(),
  regions: z.array(z.string()).optional(),
  enabled: z.boolean().optional(),
});

const uptimeCheckType = "digitalocean:index/uptimeCheck:UptimeCheck";

export const uptimeCheck: Kind = {
  type: uptimeCheckType,
  inputs: checkInputs,
  immutable: [],
  autoName: "name",
  defaults: { type: "https", enabled: true },
  idStyle: "uuid",
  recorded: notWatched,
  refuse: ({ inputs }) => {
    const { type, target, regions = [] } = inputs as z.infer<typeof checkInputs>;
    const known: readonly string[] = uptimeCheckRegions;
    const wrong = regions.find((region) => !known.includes(region));
    if (wrong !== undefined) {
      throw new CloudError(
        400,
        `invalid value for field 'regions': "${wrong}"; allowed: ${known.join(", ")}`,
      );
    }
    const isAddress = type === "ping" ? /^[\w.:-]+$/.test(target) : isUrl(target);
    if (!isAddress) {
      throw new CloudError(
        400,
        `invalid value for field 'target': a check of type ${String(type)} takes ` +
          `${type === "ping" ? "a host name or address" : "a URL that begins with http:// or https://"}, got "${target}"`,
      );
    }
  },
};

function isUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

const alertInputs = z.object({
  name: filled.optional(),
  checkId: filled,
  type: z.enum(uptimeAlertTypes),
  comparison: z.enum(["greater_than", "less_than"]).optional(),
  period: z.enum(Object.keys(uptimeAlertPeriods) as [string, ...string[]]).optional(),
  threshold: z.int().optional(),
  notifications: z.array(recipients),
});

export const uptimeAlert: Kind = {
  type: "digitalocean:index/uptimeAlert:UptimeAlert",
  inputs: alertInputs,
  sensitive: ["notifications"],
  immutable: [],
  autoName: "name",
  references: [{ input: "checkId", type: uptimeCheckType, onDelete: "cascade" }],
  idStyle: "uuid",
  recorded: notWatched,
  refuse: ({ inputs }) => {
    const { type, threshold = 0, notifications } = inputs as z.infer<typeof alertInputs>;
    requireRecipient(notifications, "notifications");
    if (type === "latency" && threshold > uptimeLatencyMaxMilliseconds) {
      throw new CloudError(
        400,
        `invalid value for field 'threshold': at most ${uptimeLatencyMaxMilliseconds} ms, got ${threshold}`,
      );
    }
  },
};
