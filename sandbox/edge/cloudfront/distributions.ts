import { findRecord, findSite, inZone, resolveOrigin } from "../dns";
import type { ZoneView } from "../types";
import { cloudfrontDomain, type Distribution } from "./types";

/** The distribution that answers for a name: by the name that CloudFront gave it, or by an alias. */
export function distributionFor(
  distributions: readonly Distribution[],
  host: string,
): Distribution | undefined {
  return (
    distributions.find(({ domainName }) => domainName === host) ??
    distributions.find(({ aliases }) => aliases.some((alias) => alias.toLowerCase() === host)) ??
    distributions.find(({ aliases }) =>
      aliases.some(
        (alias) => alias.startsWith("*.") && host.slice(host.indexOf(".")) === alias.slice(1),
      ),
    )
  );
}

/**
 * Whether a visitor of a name arrives at CloudFront without Cloudflare's proxy between: the name is
 * one of CloudFront's, a record that is not proxied leads there, or the name is in no zone here and
 * its owner's DNS is taken to lead there.
 */
export function leadsToCloudfront(
  zones: readonly ZoneView[],
  distributions: readonly Distribution[],
  host: string,
): boolean {
  if (distributions.length === 0 || findSite(zones, host)) return false;
  if (isCloudfrontName(host)) return distributionFor(distributions, host) !== undefined;
  const record = findRecord(zones, host);
  if (record) {
    const end = resolveOrigin(zones, record).targets.at(-1);
    return end !== undefined && isCloudfrontName(end);
  }
  return !inZone(zones, host) && distributionFor(distributions, host) !== undefined;
}

export const isCloudfrontName = (name: string): boolean => name.endsWith(`.${cloudfrontDomain}`);

/** Names of the certificate that CloudFront shows for a name; its own where no alias has one. */
export function cdnCertificateNames(
  distributions: readonly Distribution[],
  host: string,
): readonly string[] {
  const own = [`*.${cloudfrontDomain}`, cloudfrontDomain];
  if (isCloudfrontName(host)) return own;
  const names = distributionFor(distributions, host)?.certificateNames ?? [];
  return names.length > 0 ? names : own;
}
