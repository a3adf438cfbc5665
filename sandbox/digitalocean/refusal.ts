import { randomUUID } from "node:crypto";
import { CloudError, type Provider, type Values } from "../cloud/kind";

/** What the provider itself refuses while it makes something; no request reaches the API. */
export class ProviderError extends CloudError {
  constructor(message: string) {
    super(0, message);
  }
}

interface Words {
  /** As the provider names it after "Error creating". */
  readonly noun: string;
  /** Below https://api.digitalocean.com/v2/, without the resource's own id. */
  readonly path: (inputs: Values) => string;
}

const api = "https://api.digitalocean.com/v2";

const at = (path: string) => (): string => path;
const ofCluster =
  (path: string) =>
  ({ clusterId }: Values): string =>
    `databases/${String(clusterId)}/${path}`;

const words: Readonly<Record<string, Words>> = {
  SshKey: { noun: "SSH Key", path: at("account/keys") },
  ReservedIp: { noun: "reserved IP", path: at("reserved_ips") },
  ReservedIpAssignment: {
    noun: "reserved IP assignment",
    path: ({ ipAddress }) => `reserved_ips/${String(ipAddress)}/actions`,
  },
  Vpc: { noun: "VPC", path: at("vpcs") },
  Droplet: { noun: "droplet", path: at("droplets") },
  App: { noun: "App", path: at("apps") },
  Firewall: { noun: "firewall", path: at("firewalls") },
  DatabaseCluster: { noun: "database cluster", path: at("databases") },
  DatabaseDb: { noun: "Database DB", path: ofCluster("dbs") },
  DatabaseUser: { noun: "Database User", path: ofCluster("users") },
  DatabaseReplica: { noun: "DatabaseReplica", path: ofCluster("replicas") },
  DatabaseConnectionPool: { noun: "DatabaseConnectionPool", path: ofCluster("pools") },
  DatabaseFirewall: { noun: "DatabaseFirewall", path: ofCluster("firewall") },
  SpacesKey: { noun: "Spaces key", path: at("spaces/keys") },
  UptimeCheck: { noun: "Check", path: at("uptime/checks") },
  UptimeAlert: {
    noun: "Uptime Alert",
    path: ({ checkId }) => `uptime/checks/${String(checkId)}/alerts`,
  },
  MonitorAlert: { noun: "Alert Policy", path: at("monitoring/alerts") },
};

const methods = { create: "POST", update: "PUT", delete: "DELETE", read: "GET" } as const;
const doing = {
  create: "creating",
  update: "updating",
  delete: "deleting",
  read: "retrieving",
} as const;

/** A refusal in the words of the provider, of its client library and of its bridge to Pulumi. */
export const refusal: Provider["refusal"] = (error, { verb, type, id, inputs = {} }) => {
  if (error instanceof ProviderError) return occurred(error.message);
  const name = type.split(":").at(-1) ?? type;
  const { noun, path } = words[name] ?? { noun: name, path: at("") };
  const request = `(request "${randomUUID()}") ${error.message}`;
  if (name === "SpacesBucket") {
    // Spaces speaks S3, which has another client library.
    const of = `${String(inputs["region"])}.digitaloceanspaces.com/${String(inputs["name"])}`;
    return occurred(
      `Error ${doing[verb]} Spaces bucket: ${verb === "create" ? "PUT" : methods[verb]} ` +
        `https://${of}: ${error.status} ${request}`,
    );
  }
  // These are the rules of a cluster, the actions of an address: they have no address of their own.
  const own = name !== "DatabaseFirewall" && name !== "ReservedIpAssignment";
  const url = `${api}/${path(inputs)}${verb !== "create" && own && id ? `/${lastOf(id)}` : ""}`;
  const method = name === "DatabaseFirewall" ? "PUT" : methods[verb];
  return occurred(`Error ${doing[verb]} ${noun}: ${method} ${url}: ${error.status} ${request}`);
};

const occurred = (message: string): string => `1 error occurred:\n\t* ${message}`;

/** Of ids that the provider composes, such as `CLUSTER/user/NAME`, the part that the API knows. */
const lastOf = (id: string): string => id.split("/").at(-1) ?? id;
