import { CertificateValidation } from "@pulumi/aws/acm";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { Answer } from "../../report/compose";
import { Certificate, type CertificateArgs, type CertificateSpec } from "./certificate";
import { validationRecord } from "./certificateRecords";
import { refusal, waitsFor } from "../network/testing/registered";
import { childrenOf, inputsOf, listed } from "./testing/awsEdge";

const domain = "drops.example.com";
const origin = "origin-test.example.com";
const zoneId = "0123456789abcdef0123456789abcdef";
const spec: CertificateSpec = {
  domain,
  alternativeNames: [origin],
  region: "us-east-1",
  zoneId,
};
const option = (domainName: string, token: string) => ({
  domainName,
  resourceRecordName: `_${token}.${domainName}.`,
  resourceRecordType: "CNAME",
  resourceRecordValue: `_${token}v.acm-validations.aws.`,
});
const options = [option(domain, "aa"), option(origin, "bb")];

/** Amazon's answer to a request for a certificate; a validation answers with what it waited for. */
const answering =
  (domainValidationOptions: readonly object[]): Answer =>
  (type, name) => ({
    id: name,
    outputs: type.endsWith(":Certificate") ? { arn: `arn:${name}`, domainValidationOptions } : {},
  });
const deployed = async (args: CertificateArgs, told: readonly object[] = options) =>
  inputsOf(await childrenOf(() => new Certificate("c", args), answering(told)));

describe("Certificate", () => {
  it("registers a record for each name, under the component", async () => {
    const children = await childrenOf(() => new Certificate("c", { spec }));
    expect(listed(children)).toEqual([
      "Certificate c-certificate",
      "CertificateValidation c-validation",
      "DnsRecord c-record-drops.example.com",
      "DnsRecord c-record-origin-test.example.com",
    ]);
    for (const { parent } of Object.values(children))
      expect(parent).toMatch(/drops:cdn:Certificate::c$/);
  });

  const record = (proved: string, token: string) => ({
    zoneId,
    name: `_${token}.${proved}`,
    type: "CNAME",
    content: `_${token}v.acm-validations.aws`,
    ttl: 60,
    proxied: false,
    comment: `Drops: proves ${proved} to Amazon's certificate authority, for renewals too`,
  });

  it.each([
    ["in the order of the names", options],
    ["in another order", options.toReversed()],
  ])("has exactly these inputs, with the records %s", async (_, told) => {
    expect(await deployed({ spec }, told)).toEqual({
      "c-certificate": {
        region: "us-east-1",
        domainName: domain,
        subjectAlternativeNames: [origin],
        validationMethod: "DNS",
        keyAlgorithm: "EC_prime256v1",
      },
      "c-record-drops.example.com": record(domain, "aa"),
      "c-record-origin-test.example.com": record(origin, "bb"),
      "c-validation": {
        region: "us-east-1",
        certificateArn: "arn:c-certificate",
        validationRecordFqdns: [`_aa.${domain}`, `_bb.${origin}`],
      },
    });
  });

  it("is of the provider's region without another", async () => {
    const all = await deployed({ spec: { domain, alternativeNames: [], zoneId } });
    for (const inputs of Object.values(all)) expect(inputs).not.toHaveProperty("region");
    expect(all["c-certificate"]).not.toHaveProperty("subjectAlternativeNames");
  });

  it("takes the records of another one, and makes none", async () => {
    const children = await childrenOf(() => {
      const first = new Certificate("edge", { spec });
      return new Certificate("balancer", { spec, validateWith: first });
    }, answering(options));
    expect(listed(children).filter((line) => line.startsWith("DnsRecord"))).toEqual([
      "DnsRecord edge-record-drops.example.com",
      "DnsRecord edge-record-origin-test.example.com",
    ]);
    const validation = children["balancer-validation"];
    expect(validation?.inputs).toMatchObject({
      certificateArn: "arn:balancer-certificate",
      validationRecordFqdns: [`_aa.${domain}`, `_bb.${origin}`],
    });
    // It waits until they stand.
    expect(waitsFor(validation!)).toContain("edge-record-drops.example.com");
  });

  it("makes the new one first where it is replaced", async () => {
    const children = await childrenOf(() => new Certificate("c", { spec }));
    expect(Object.values(children).some((child) => child.deleteBeforeReplace)).toBe(false);
  });

  it("gives its ARN once it is issued", async () => {
    const children = await childrenOf(() => {
      const { arn } = new Certificate("c", { spec });
      return new CertificateValidation("user", { certificateArn: arn });
    }, answering(options));
    expect(children.user?.inputs.certificateArn).toBe("arn:c-certificate");
    expect(waitsFor(children.user!)).toContain("c-validation");
  });

  it("applies overrides last, to the named child alone", async () => {
    const plain = await deployed({ spec });
    const changed = await deployed({
      spec,
      overrides: {
        certificate: { keyAlgorithm: "RSA_2048" },
        records: { [origin]: { ttl: 300 } },
        validation: (args) => ({ ...args, region: "us-west-2" }),
      },
    });
    expect(changed).toEqual({
      ...plain,
      "c-certificate": { ...plain["c-certificate"], keyAlgorithm: "RSA_2048" },
      "c-record-origin-test.example.com": {
        ...plain["c-record-origin-test.example.com"],
        ttl: 300,
      },
      "c-validation": { ...plain["c-validation"], region: "us-west-2" },
    });
  });

  it.each<[string, Partial<CertificateSpec>, string]>([
    [
      "a name that is no host's",
      { domain: "*.example.com" },
      'spec: a certificate\'s name must be a host name in lower case, got "*.example.com"',
    ],
    [
      "one name twice",
      { alternativeNames: [domain] },
      `spec: a certificate's names must differ, got ${domain}, ${domain}`,
    ],
    [
      "a first name longer than Amazon takes",
      { domain: `${"a".repeat(53)}.example.com` },
      "spec.domain must be 64 characters at the most, got 65: a longer name can only be an alternative one",
    ],
  ])("refuses %s", async (_, changes, message) => {
    expect(await refusal(() => new Certificate("c", { spec: { ...spec, ...changes } }))).toBe(
      `c: ${message}`,
    );
  });
});

describe("the record of a name", () => {
  it("is not mistaken for another's, and says which there were", () => {
    expect(() => validationRecord(options, "other.example.com")).toThrow(
      `ACM states no DNS record that proves other.example.com, only of: ${domain}, ${origin}`,
    );
    expect(() => validationRecord([], domain)).toThrow("only of: nothing");
  });

  it("is not known in the preview of a changed certificate", async () => {
    // The provider plans the names alone (its CustomizeDiff).
    const children = await childrenOf(() => new Certificate("c", { spec }));
    expect(children["c-record-drops.example.com"]?.inputs.name).not.toBe("");
    await pulumi.runtime.setMocks(
      {
        newResource: ({ name, inputs, type }) => ({
          id: name,
          state: {
            ...(inputs as object),
            ...(type.endsWith(":Certificate") && {
              arn: "",
              domainValidationOptions: [{ domainName: domain }, { domainName: origin }],
            }),
          },
        }),
        call: () => ({}),
      },
      "drops",
      "test",
      true,
    );
    const certificate = new Certificate("c", { spec });
    const known: boolean[] = [];
    for (const name of certificate.recordNames)
      known.push(await (name as unknown as { isKnown: Promise<boolean> }).isKnown);
    await pulumi.runtime.disconnect();
    expect(known).toEqual([false, false]);
  });
});
