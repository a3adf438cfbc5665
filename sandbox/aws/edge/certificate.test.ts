import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import type { CloudResource } from "../../contracts";
import { isIssued } from "./certificate";
import { newEdgePlace, zoneId, type EdgePlace } from "./testing/edgePlace";

let place: EdgePlace;
beforeEach(async () => {
  place = await newEdgePlace();
});
afterEach(() => {
  place.cloud.close();
});

const make = async (changes = {}, name = "c") =>
  await place.cloud.create("Certificate", name, {
    ...{ domainName: "drops.example.com", validationMethod: "DNS" },
    ...changes,
  });

interface Option {
  readonly domainName: string;
  readonly resourceRecordName: string;
  readonly resourceRecordValue: string;
}
const optionsOf = ({ outputs }: CloudResource) =>
  outputs["domainValidationOptions"] as readonly Option[];

const publish = async (
  { resourceRecordName: name, resourceRecordValue: content }: Option,
  more = {},
) =>
  await place.cloud.create("DnsRecord", name, {
    ...{ zoneId, name: name.replace(/\.$/, ""), type: "CNAME", ttl: 60 },
    ...{ content: content.replace(/\.$/, ""), proxied: false, ...more },
  });

const validate = async ({ outputs }: CloudResource, more = {}) =>
  await place.cloud.create("CertificateValidation", "v", {
    certificateArn: outputs["arn"],
    ...more,
  });

describe("Certificate", () => {
  it("asks for a record for each name, the same in every region", async () => {
    const subjectAlternativeNames = ["*.drops.example.com", "origin.example.com"];
    const own = await make({ subjectAlternativeNames });
    const [first, wildcard, other] = optionsOf(own);
    expect(first).toMatchObject({
      domainName: "drops.example.com",
      resourceRecordName: expect.stringMatching(
        /^_[0-9a-f]{32}\.drops\.example\.com\.$/,
      ) as unknown,
      resourceRecordType: "CNAME",
    });
    // A name and all below it are proved by one record.
    expect(wildcard).toEqual({ ...first, domainName: "*.drops.example.com" });
    expect(other!.resourceRecordName).not.toBe(first!.resourceRecordName);
    const there = await make({ subjectAlternativeNames, region: "us-east-1" }, "d");
    expect(optionsOf(there)).toEqual(optionsOf(own));
    expect(own.outputs["arn"]).toMatch(/^arn:aws:acm:eu-central-1:123456789012:certificate\//);
    expect(there.outputs).toMatchObject({ status: "PENDING_VALIDATION" });
    expect(there.outputs["arn"]).toMatch(/^arn:aws:acm:us-east-1:/);
  });

  it.each([
    [{ validationMethod: "EMAIL" }, "validate by DNS"],
    [{ domainName: `${"a".repeat(60)}.example.com` }, "can have 64 characters"],
    [{ subjectAlternativeNames: ["localhost"] }, '"localhost" is no domain name'],
    [
      {
        subjectAlternativeNames: Array.from({ length: 10 }, (_, index) => `n${index}.example.com`),
      },
      "10 names at most",
    ],
  ])("is refused: %j", async (change, message) => {
    await expect(make(change)).rejects.toThrow(message);
  });

  it.each([
    [{ domainName: "drops.example.com." }, "domainName: cannot end with a period"],
    [{ keyAlgorithm: "RSA_1024" }, "keyAlgorithm: Invalid option"],
    [{ privateKey: "PEM" }, "privateKey: aws:acm/certificate:Certificate has no such property"],
  ])("is refused in a preview: %j", (change, message) => {
    const [failure] = place.cloud.preview("Certificate", {
      domainName: "a.example.com",
      ...change,
    });
    expect(failure).toContain(message);
  });
});

describe("CertificateValidation", () => {
  it("waits for records that really stand in the zone", async () => {
    const certificate = await make();
    const [option] = optionsOf(certificate);
    await expect(validate(certificate)).rejects.toThrow(/timeout while waiting.*_.*drops\.example/);
    expect(isIssued(place.cloud.world, certificate)).toBe(false);
    const record = await publish(option!);
    expect(isIssued(place.cloud.world, certificate)).toBe(true);
    await validate(certificate, { validationRecordFqdns: [record.inputs["name"]] });
    // It stays issued when the record goes; only its renewal fails then.
    await place.cloud.delete(record);
    expect(isIssued(place.cloud.world, certificate)).toBe(true);
  });

  it.each<readonly [Values, string]>([
    [{ content: "_other.acm-validations.aws" }, "another value"],
    [{ proxied: true, ttl: 1 }, "Cloudflare's proxy answers instead"],
    [{ type: "TXT" }, "no CNAME"],
  ])("does not take %j: %s", async (change) => {
    const certificate = await make();
    await publish(optionsOf(certificate)[0]!, change);
    await expect(validate(certificate)).rejects.toThrow("timeout while waiting");
  });

  it("wants all names that it is given records of, in the certificate's region", async () => {
    const certificate = await make({ region: "us-east-1" });
    await publish(optionsOf(certificate)[0]!);
    const given = { region: "us-east-1", validationRecordFqdns: ["_a.example.com"] };
    await expect(validate(certificate, given)).rejects.toThrow("validationRecordFqdns lacks");
    await expect(validate(certificate)).rejects.toThrow("Could not find certificate");
    await expect(
      validate({
        ...certificate,
        outputs: { arn: "arn:aws:acm:eu-central-1:123456789012:certificate/0" },
      }),
    ).rejects.toThrow("there is no");
  });
});
