import type { RegisteredResource } from "../report/compose";

/** `advisory` is told, `warning` makes a preview end with 1, `mandatory` with 2. */
export type PolicyLevel = "advisory" | "warning" | "mandatory";

export interface Violation {
  readonly rule: string;
  /** URN of the resource. */
  readonly resource: string;
  readonly message: string;
  readonly level: PolicyLevel;
}

interface PolicyRule {
  readonly level: PolicyLevel;
  /** The type that the rule looks at. */
  readonly type: string;
  /** What is wrong with a resource; undefined when nothing is. */
  readonly check: (
    resource: RegisteredResource,
    all: readonly RegisteredResource[],
  ) => string | undefined;
}

const type = {
  cluster: "digitalocean:index/databaseCluster:DatabaseCluster",
  databaseFirewall: "digitalocean:index/databaseFirewall:DatabaseFirewall",
  firewall: "digitalocean:index/firewall:Firewall",
  bucket: "digitalocean:index/spacesBucket:SpacesBucket",
  address: "digitalocean:index/reservedIp:ReservedIp",
  uptimeCheck: "digitalocean:index/uptimeCheck:UptimeCheck",
  dnsRecord: "cloudflare:index/dnsRecord:DnsRecord",
} as const;

const everywhere: readonly unknown[] = ["0.0.0.0/0", "::/0"];

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

const unprotected = ({ protect }: RegisteredResource): string | undefined =>
  protect ? undefined : "can be deleted by a mistake: drops:protection is off";

/** What any stack of this project must keep, held against the resources as they were registered. */
export const policyRules: Readonly<Record<string, PolicyRule>> = {
  "database-in-private-network": {
    level: "mandatory",
    type: type.cluster,
    check: ({ inputs }) =>
      inputs.privateNetworkUuid === undefined ? "is in no private network" : undefined,
  },
  "database-behind-firewall": {
    level: "mandatory",
    type: type.cluster,
    check: ({ parent }, all) =>
      all.some((other) => other.type === type.databaseFirewall && other.parent === parent)
        ? undefined
        : "has no firewall, so anybody may try to connect",
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
  "site-over-https": {
    level: "advisory",
    type: type.uptimeCheck,
    check: ({ inputs }) =>
      inputs.type === "http"
        ? "the site answers over plain HTTP: set drops:domain to get a certificate"
        : undefined,
  },
};

/** Every violation in a composition, rule by rule. */
export function violationsOf(resources: readonly RegisteredResource[]): Violation[] {
  return Object.entries(policyRules).flatMap(([rule, { level, type: wanted, check }]) =>
    resources
      .filter((resource) => resource.type === wanted)
      .flatMap((resource) => {
        const message = check(resource, resources);
        return message === undefined ? [] : [{ rule, resource: resource.urn, message, level }];
      }),
  );
}
