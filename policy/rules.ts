import type { RegisteredResource } from "../report/compose";
import { awsRules } from "./awsRules";
import { everywhere, unprotected, type PolicyRule, type Violation } from "./rule";

export type { PolicyLevel, Violation } from "./rule";

const type = {
  app: "digitalocean:index/app:App",
  cluster: "digitalocean:index/databaseCluster:DatabaseCluster",
  replica: "digitalocean:index/databaseReplica:DatabaseReplica",
  databaseFirewall: "digitalocean:index/databaseFirewall:DatabaseFirewall",
  firewall: "digitalocean:index/firewall:Firewall",
  bucket: "digitalocean:index/spacesBucket:SpacesBucket",
  address: "digitalocean:index/reservedIp:ReservedIp",
  uptimeCheck: "digitalocean:index/uptimeCheck:UptimeCheck",
  dnsRecord: "cloudflare:index/dnsRecord:DnsRecord",
  snippet: "cloudflare:index/snippet:Snippet",
} as const;

/** Sources that a firewall lets reach a port. */
function sourcesOf(firewall: RegisteredResource, port: string): readonly unknown[] {
  const rules = (firewall.inputs.inboundRules ?? []) as readonly {
    portRange?: unknown;
    sourceAddresses?: readonly unknown[];
  }[];
  return rules
    .filter(({ portRange }) => portRange === port)
    .flatMap(({ sourceAddresses }) => sourceAddresses ?? []);
}

/** Whether a component of ours gave the cluster or replica a firewall beside it. */
const behindFirewall = (
  { parent }: RegisteredResource,
  all: readonly RegisteredResource[],
): string | undefined =>
  all.some((other) => other.type === type.databaseFirewall && other.parent === parent)
    ? undefined
    : "has no firewall, so anybody may try to connect";

/** Ports that a server may show to everybody. */
const publicPorts: readonly unknown[] = ["22", "80", "443"];

interface AppComponent {
  readonly name?: unknown;
  readonly image?: { readonly digest?: unknown; readonly tag?: unknown };
  readonly envs?: readonly { readonly key?: unknown; readonly type?: unknown }[];
  readonly autoscaling?: { readonly minInstanceCount?: unknown };
  readonly instanceCount?: unknown;
}

/** The parts of an app's specification of these kinds. */
function partsOf(
  { inputs }: RegisteredResource,
  ...kinds: readonly ("services" | "workers" | "jobs")[]
): readonly AppComponent[] {
  const spec = (inputs.spec ?? {}) as Readonly<Record<string, readonly AppComponent[] | undefined>>;
  return kinds.flatMap((kind) => spec[kind] ?? []);
}

const named = (parts: readonly AppComponent[]): string =>
  parts.map(({ name }) => String(name)).join(", ");

/** What any stack of this project must keep, held against the resources as they were registered. */
export const policyRules: Readonly<Record<string, PolicyRule>> = {
  "database-in-private-network": {
    level: "mandatory",
    type: type.cluster,
    check: ({ inputs }) =>
      inputs.privateNetworkUuid === undefined ? "is in no private network" : undefined,
  },
  "database-behind-firewall": { level: "mandatory", type: type.cluster, check: behindFirewall },
  "replica-behind-firewall": { level: "mandatory", type: type.replica, check: behindFirewall },
  "database-not-open-to-all": {
    level: "mandatory",
    type: type.databaseFirewall,
    check: ({ inputs }) =>
      ((inputs.rules ?? []) as readonly { readonly value?: unknown }[]).some(({ value }) =>
        everywhere.includes(value),
      )
        ? "admits the whole internet"
        : undefined,
  },
  "app-by-digest": {
    level: "mandatory",
    type: type.app,
    check: (app) => {
      const moving = partsOf(app, "services", "workers", "jobs").filter(
        ({ image }) => image?.digest === undefined || image.tag !== undefined,
      );
      return moving.length > 0
        ? `runs what a tag may move under it: ${named(moving)}; name the image by its digest`
        : undefined;
    },
  },
  "app-behind-cdn": {
    level: "mandatory",
    type: type.app,
    check: (app, all) =>
      all.some((other) => other.type === type.snippet) &&
      !partsOf(app, "services").every(({ envs = [] }) =>
        envs.some(({ key }) => key === "ORIGIN_SECRET"),
      )
        ? "answers visitors who go round Cloudflare: its service has no ORIGIN_SECRET"
        : undefined,
  },
  "app-has-two-instances": {
    level: "warning",
    type: type.app,
    check: (app) => {
      const alone = partsOf(app, "services").filter(
        ({ autoscaling, instanceCount }) =>
          Number(autoscaling?.minInstanceCount ?? instanceCount ?? 1) < 2,
      );
      return alone.length > 0 ? `may run as a single instance: ${named(alone)}` : undefined;
    },
  },
  "private-ports-not-open-to-all": {
    level: "mandatory",
    type: type.firewall,
    check: ({ inputs }) => {
      const rules = (inputs.inboundRules ?? []) as readonly {
        readonly portRange?: unknown;
        readonly sourceAddresses?: readonly unknown[];
      }[];
      const open = rules.filter(
        ({ portRange, sourceAddresses = [] }) =>
          !publicPorts.includes(portRange) &&
          sourceAddresses.some((source) => everywhere.includes(source)),
      );
      return open.length > 0
        ? `lets the whole internet reach port ${open.map(({ portRange }) => String(portRange)).join(", ")}`
        : undefined;
    },
  },
  "ssh-not-open-to-all": {
    level: "warning",
    type: type.firewall,
    check: (firewall) =>
      sourcesOf(firewall, "22").some((source) => everywhere.includes(source))
        ? "lets the whole internet reach SSH: name your networks in drops:ssh.cidrs"
        : undefined,
  },
  "origin-only-through-cdn": {
    level: "mandatory",
    type: type.firewall,
    check: (firewall, all) =>
      all.some((other) => other.type === type.dnsRecord && other.inputs.type === "A") &&
      sourcesOf(firewall, "443").some((source) => everywhere.includes(source))
        ? "lets visitors go round Cloudflare and its rules"
        : undefined,
  },
  "database-protected": { level: "warning", type: type.cluster, check: unprotected },
  "backups-protected": { level: "warning", type: type.bucket, check: unprotected },
  "address-protected": { level: "warning", type: type.address, check: unprotected },
  ...awsRules,
  "site-over-https": {
    level: "advisory",
    type: type.uptimeCheck,
    // The monitoring's own check tells no more than that it lives.
    check: ({ inputs, name }) =>
      inputs.type === "http" && name.endsWith("-site")
        ? "the site answers over plain HTTP: set drops:domain to get a certificate"
        : undefined,
  },
};

/** Every violation in a composition, rule by rule; a rule that could not look says so. */
export function violationsOf(resources: readonly RegisteredResource[]): Violation[] {
  return Object.entries(policyRules).flatMap(([rule, { level, type: wanted, check, unseen }]) =>
    resources
      .filter((resource) => resource.type === wanted)
      .flatMap((resource) => {
        const message = check(resource, resources);
        const what = unseen?.(resource);
        const about = { rule, resource: resource.urn };
        return [
          ...(message === undefined ? [] : [{ ...about, message, level }]),
          ...(what === undefined
            ? []
            : [{ ...about, message: `${notChecked}: ${what}`, level: "advisory" as const }]),
        ];
      }),
  );
}

const notChecked = "not checked, because only a deploy tells";
