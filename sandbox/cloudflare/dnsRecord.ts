import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import type { Kind, Operation } from "../cloud/kind";
import { CloudflareError } from "./errors";
import { inZone, planOf, zoneOf } from "./zone";

const number = z.number().optional();
const text = z.string().optional();
const flag = z.boolean().optional();

const inputs = z.object({
  zoneId: z.string(),
  name: z.string(),
  // Of @pulumi/cloudflare 6.22.1; the provider takes lower case too.
  type: z.string().refine((type) => recordTypes.includes(type.toUpperCase()), {
    error: () => `expected one of ${recordTypes.join(", ")}`,
  }),
  ttl: z.number(),
  content: text,
  comment: text,
  includeShadowMetadata: flag,
  priority: z.number().min(0).max(65_535).optional(),
  privateRouting: flag,
  proxied: flag,
  settings: z.strictObject({ flattenCname: flag, ipv4Only: flag, ipv6Only: flag }).optional(),
  tags: z.array(z.string()).optional(),
  data: z
    .strictObject({
      ...{ algorithm: number, altitude: number, certificate: text, digest: text },
      ...{ digestType: number, fingerprint: text, flags: z.unknown().optional(), keyTag: number },
      ...{ latDegrees: number, latDirection: text, latMinutes: number, latSeconds: number },
      ...{ longDegrees: number, longDirection: text, longMinutes: number, longSeconds: number },
      ...{ matchingType: number, order: number, port: number, precisionHorz: number },
      ...{ precisionVert: number, preference: number, priority: number, protocol: number },
      ...{ publicKey: text, regex: text, replacement: text, selector: number, service: text },
      ...{ size: number, tag: text, target: text, type: number, usage: number, value: text },
      weight: number,
    })
    .optional(),
});
type Inputs = z.infer<typeof inputs>;

const recordTypes = [
  ...["A", "AAAA", "CNAME", "MX", "NS", "OPENPGPKEY", "PTR", "TXT", "CAA", "CERT", "DNSKEY"],
  ...["DS", "HTTPS", "LOC", "NAPTR", "SMIMEA", "SRV", "SSHFP", "SVCB", "TLSA", "URI"],
];
/** Those that carry traffic, so that a proxy could. */
const proxiable = ["A", "AAAA", "CNAME"];

const dnsRecordType = "cloudflare:index/dnsRecord:DnsRecord";

export const dnsRecord: Kind = {
  type: dnsRecordType,
  inputs,
  // An A record cannot become a CNAME in one change.
  immutable: ["zoneId", "type"],
  references: [inZone],
  defaults: { proxied: false },
  idStyle: "hex",
  recorded: ({ type }) =>
    proxiable.includes(String(type).toUpperCase()) ? undefined : "no name server answers for it",
  refuse: (operation) => {
    const given = operation.inputs as Inputs;
    const zone = zoneOf(operation.cloud.world, given);
    requireInZone(given.name, String(zone.inputs["name"]));
    requireContent(given);
    requireTtl(given);
    requireNoOther(operation);
    const { dnsRecords } = planOf(operation.cloud.world, zone).spec;
    const records = operation.cloud.world
      .all(dnsRecordType)
      .filter(({ inputs: { zoneId }, id }) => zoneId === given.zoneId && id !== operation.id);
    if (records.length >= dnsRecords) {
      throw new CloudflareError(
        undefined,
        `Record quota exceeded: the zone may have ${dnsRecords}`,
      );
    }
  },
  create: ({ inputs: given }) => made(given as Inputs),
  update: ({ inputs: given }) => made(given as Inputs),
};

function made({ type }: Inputs) {
  return {
    outputs: {
      proxiable: proxiable.includes(type.toUpperCase()),
      createdOn: new Date().toISOString(),
      modifiedOn: new Date().toISOString(),
      meta: "{}",
    },
  };
}

/** Cloudflare would append the zone to a short name; the edge here compares whole names. */
function requireInZone(name: string, zone: string): void {
  if (name === zone || name.endsWith(`.${zone}`)) return;
  throw new CloudflareError(
    undefined,
    `name: the embedded cloud takes full names of the zone, such as origin.${zone}; got "${name}"`,
  );
}

function requireContent({ type, content, proxied }: Inputs): void {
  const kind = type.toUpperCase();
  if (proxied === true && !proxiable.includes(kind)) {
    throw new CloudflareError(9004, "This record type cannot be proxied.");
  }
  if (kind === "A" && !isIPv4(content ?? "")) {
    throw new CloudflareError(9005, "Content for A record must be a valid IPv4 address.");
  }
  if (kind === "AAAA" && !isIPv6(content ?? "")) {
    throw new CloudflareError(9006, "Content for AAAA record must be a valid IPv6 address.");
  }
  if (kind === "CNAME" && !/^[\w-]+(\.[\w-]+)+\.?$/.test(content ?? "")) {
    throw new CloudflareError(9007, "Content for CNAME record is invalid.");
  }
}

function requireTtl({ ttl, proxied }: Inputs): void {
  if (proxied === true && ttl !== 1) {
    throw new CloudflareError(
      undefined,
      `ttl must be set to 1 when \`proxied\` is true, got ${ttl}`,
    );
  }
  // Enterprise zones may go down to 30; no plan of the price book is one.
  if (ttl !== 1 && !(ttl >= 60 && ttl <= 86_400)) {
    throw new CloudflareError(
      9021,
      `TTL must be between 60 and 86400 seconds, or 1 for Automatic; got ${ttl}`,
    );
  }
}

function requireNoOther({ cloud: { world }, id, inputs: given }: Operation): void {
  const { zoneId, name, type, content } = given as Inputs;
  const same = world
    .all(dnsRecordType)
    .filter((other) => other.id !== id && other.inputs["zoneId"] === zoneId)
    .map(({ inputs: other }) => other as Inputs)
    .filter((other) => other.name.toLowerCase() === name.toLowerCase());
  const kind = type.toUpperCase();
  if (same.some((other) => other.type.toUpperCase() === kind && other.content === content)) {
    throw new CloudflareError(81058, "An identical record already exists.");
  }
  // A CNAME stands alone among the records that carry traffic.
  const carriers = same.filter((other) => proxiable.includes(other.type.toUpperCase()));
  const clash =
    kind === "CNAME"
      ? carriers.length > 0
      : proxiable.includes(kind) && carriers.some((other) => other.type.toUpperCase() === "CNAME");
  if (clash) {
    throw new CloudflareError(81053, "An A, AAAA, or CNAME record with that host already exists.");
  }
}
