import type { DnsRecord, ZoneView } from "./types";

/** A CNAME may lead to a CNAME; resolvers give up somewhere. */
const MAX_CHAIN = 8;

/** A host that the edge serves. */
export interface Site {
  readonly zone: ZoneView;
  /** The proxied record of the host's name. */
  readonly record: DnsRecord;
}

/** Where a site's origin is. */
interface OriginAddress {
  /** Undefined where the record leads to none. */
  readonly address: string | undefined;
  /** Names that the record led to on the way; the origin's certificate may be for one of them. */
  readonly targets: readonly string[];
}

const addressTypes = ["A", "AAAA"];
const servedTypes = [...addressTypes, "CNAME"];

/** The site with this host name; undefined where no proxied record has it. */
export function findSite(zones: readonly ZoneView[], host: string): Site | undefined {
  for (const zone of zones) {
    const record = zone.records.find(
      (candidate) =>
        candidate.proxied &&
        servedTypes.includes(candidate.type) &&
        fullName(zone, candidate.name) === host,
    );
    if (record) return { zone, record };
  }
  return undefined;
}

/** Follows a record to an address. */
export function resolveOrigin(zones: readonly ZoneView[], record: DnsRecord): OriginAddress {
  const targets: string[] = [];
  let current = record;
  while (!addressTypes.includes(current.type)) {
    if (targets.length === MAX_CHAIN) return { address: undefined, targets };
    const target = plain(current.content);
    targets.push(target);
    const next = findRecord(zones, target);
    if (!next) return { address: undefined, targets };
    current = next;
  }
  return { address: current.content, targets };
}

/** The record that a name leads to, proxied or not; of several an IPv4 address first. */
export function findRecord(zones: readonly ZoneView[], name: string): DnsRecord | undefined {
  const records = zones.flatMap((zone) =>
    zone.records.filter((record) => fullName(zone, record.name) === name),
  );
  for (const type of servedTypes) {
    const found = records.find((record) => record.type === type);
    if (found) return found;
  }
  return undefined;
}

/** Whether a name belongs to a zone, whatever records there are. */
export function inZone(zones: readonly ZoneView[], host: string): boolean {
  return zones.some(({ name }) => {
    if (name === undefined) return false;
    return host === plain(name) || host.endsWith(`.${plain(name)}`);
  });
}

function fullName(zone: ZoneView, name: string): string {
  const given = plain(name);
  if (zone.name === undefined) return given;
  const domain = plain(zone.name);
  if (given === "@") return domain;
  return given === domain || given.endsWith(`.${domain}`) ? given : `${given}.${domain}`;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

/**
 * Names for the certificate that a visitor of this host gets: the zone and one level below, or the
 * host alone where the zone's name is not known. Undefined where the edge has no certificate.
 */
export function certificateNames(
  zones: readonly ZoneView[],
  host: string,
): readonly string[] | undefined {
  for (const { name } of zones) {
    if (name === undefined) continue;
    const domain = plain(name);
    const parent = host.slice(host.indexOf(".") + 1);
    if (host === domain || parent === domain) return [domain, `*.${domain}`];
  }
  const site = findSite(zones, host);
  return site && site.zone.name === undefined ? [host] : undefined;
}
