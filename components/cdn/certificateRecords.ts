import * as pulumi from "@pulumi/pulumi";
import { hostNamePattern } from "./hostName";

/** What ACM wants to find in DNS for one name, as its `domainValidationOptions` say it. */
export interface ValidationOption {
  readonly domainName: string;
  readonly resourceRecordName: string;
  readonly resourceRecordType: string;
  readonly resourceRecordValue: string;
}

export interface ValidationRecord {
  readonly name: string;
  readonly type: string;
  readonly content: string;
}

const withoutDot = (name: string): string => name.replace(/\.$/, "");

/**
 * The record that proves one name, found by that name: ACM tells them in no order. The preview of a
 * changed certificate knows the names and not their records yet.
 */
export function validationRecord(
  options: readonly Partial<ValidationOption>[],
  domain: string,
): ValidationRecord {
  const option = options.find(({ domainName }) => domainName === domain);
  const { resourceRecordName, resourceRecordType, resourceRecordValue } = option ?? {};
  if (resourceRecordName && resourceRecordType && resourceRecordValue)
    return {
      name: withoutDot(resourceRecordName),
      type: resourceRecordType,
      // Cloudflare keeps names without the dot at their end, and would differ for ever.
      content: withoutDot(resourceRecordValue),
    };
  if (pulumi.runtime.isDryRun()) return pulumi.unknown as unknown as ValidationRecord;
  const told = options.map(({ domainName }) => domainName).join(", ");
  throw new pulumi.RunError(
    `ACM states no DNS record that proves ${domain}, only of: ${told || "nothing"}`,
  );
}

/** The names of a certificate, which ACM and Cloudflare would refuse half-way through. */
export function certificateNameProblems(
  domain: string,
  alternativeNames: readonly string[],
): readonly string[] {
  const names = [domain, ...alternativeNames];
  const problems = names
    .filter((name) => !hostNamePattern.test(name))
    .map((name) => `spec: a certificate's name must be a host name in lower case, got "${name}"`);
  if (new Set(names).size < names.length)
    problems.push(`spec: a certificate's names must differ, got ${names.join(", ")}`);
  if (domain.length > LONGEST_FIRST_NAME)
    problems.push(
      `spec.domain must be ${LONGEST_FIRST_NAME} characters at the most, got ${domain.length}: a longer name can only be an alternative one`,
    );
  return problems;
}

/** X.509's common name; ACM refuses a longer first name. */
const LONGEST_FIRST_NAME = 64;
