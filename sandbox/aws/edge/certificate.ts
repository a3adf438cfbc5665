import { createHash } from "node:crypto";
import { z } from "zod";
import type { CloudResource, World } from "../../contracts";
import type { Made, Values } from "../../cloud/kind";
import { regional } from "../awsKind";
import { listenerType } from "../balancer/words";
import { AwsError, AwsProviderError } from "../refusal";
import { accountId, arn, arnOf, regionOf, texts } from "../shapes";
import { distributionType } from "./types";

const certificateType = "aws:acm/certificate:Certificate";
const validationType = "aws:acm/certificateValidation:CertificateValidation";

/** As the service's model names them; those of RSA below 2048 bits cannot be asked for. */
const keyAlgorithms = [
  ...["RSA_2048", "RSA_3072", "RSA_4096"],
  ...["EC_prime256v1", "EC_secp384r1", "EC_secp521r1"],
] as const;

/** Characters of the first name: X.509's bound on a common name. */
const FIRST_NAME = 64;
/** Names of a certificate, by the default quota. */
const MOST_NAMES = 10;

const hostName = z
  .string()
  .min(1)
  .max(253)
  .refine((name) => !name.endsWith("."), "cannot end with a period");

const inputs = z.object({
  domainName: hostName,
  subjectAlternativeNames: z.array(hostName).optional(),
  validationMethod: z.enum(["DNS", "EMAIL"]).optional(),
  keyAlgorithm: z.enum(keyAlgorithms).optional(),
  options: z
    .strictObject({
      certificateTransparencyLoggingPreference: z.enum(["ENABLED", "DISABLED"]).optional(),
      export: z.enum(["ENABLED", "DISABLED"]).optional(),
    })
    .optional(),
});

/** A record with which ACM finds a name proved. */
interface ValidationRecord {
  readonly domainName: string;
  readonly resourceRecordName: string;
  readonly resourceRecordType: "CNAME";
  readonly resourceRecordValue: string;
}

/** Issued for the account: by DNS alone, since nobody reads mail here. */
export const certificate = regional({
  type: certificateType,
  inputs,
  immutable: ["domainName", "subjectAlternativeNames", "validationMethod", "keyAlgorithm"],
  defaults: { validationMethod: "DNS", keyAlgorithm: "RSA_2048" },
  idStyle: (given, cloud) => arnOf("acm", regionOf(given), `certificate/${cloud.newId("uuid")}`),
  recorded: "no authority issues it: the servers here show one of the sandbox's for its names",
  api: {
    ...{ noun: "ACM Certificate", sdk: "ACM", create: "RequestCertificate" },
    ...{ update: "UpdateCertificateOptions", delete: "DeleteCertificate" },
    named: ({ domainName }) => String(domainName),
  },
  refuse: ({ inputs: given }) => {
    const names = namesOf(given);
    const [first = ""] = names;
    if (given["validationMethod"] !== "DNS") {
      throw new AwsError("ValidationException", "nobody here answers a mail: validate by DNS");
    }
    if (first.length > FIRST_NAME) {
      throw new AwsError(
        "InvalidDomainValidationOptionsException",
        `The first domain name can have ${FIRST_NAME} characters, got ${first.length}`,
      );
    }
    if (names.length > MOST_NAMES) {
      throw new AwsError("LimitExceededException", `A certificate has ${MOST_NAMES} names at most`);
    }
    const wrong = names.find((name) => !/^(\*\.)?([a-z0-9-]+\.)+[a-z]{2,}$/i.test(name));
    if (wrong !== undefined) {
      throw new AwsError(
        "InvalidDomainValidationOptionsException",
        `"${wrong}" is no domain name that a certificate can have`,
      );
    }
  },
  create: ({ id, inputs: given }): Made => ({
    outputs: {
      arn: id,
      domainValidationOptions: validationRecords(given),
      subjectAlternativeNames: namesOf(given),
      status: "PENDING_VALIDATION",
      type: "AMAZON_ISSUED",
      ...{ notBefore: "", notAfter: "", validationEmails: [] },
      ...{ pendingRenewal: false, renewalEligibility: "INELIGIBLE", renewalSummaries: [] },
    },
  }),
  delete: ({ before, cloud: { world } }) => {
    const users = [
      ...world
        .all(distributionType)
        .filter(({ inputs: { viewerCertificate } }) => names(viewerCertificate, before)),
      ...world.all(listenerType).filter(({ inputs: given }) => names(given, before)),
    ];
    if (users.length === 0) return;
    const used = users.map(({ urn }) => urn.split("::").at(-1)).join(", ");
    throw new AwsError("ResourceInUseException", `Certificate ${before.id} is in use by ${used}.`);
  },
});

function names(holder: unknown, { outputs }: CloudResource): boolean {
  const { acmCertificateArn, certificateArn } = holder as Values;
  return (acmCertificateArn ?? certificateArn) === outputs["arn"];
}

const validationInputs = z.object({
  certificateArn: arn("acm"),
  validationRecordFqdns: texts.optional(),
});

/** Waits until the certificate is issued; here that is at once, or never. */
export const certificateValidation = regional({
  type: validationType,
  tagged: false,
  inputs: validationInputs,
  immutable: ["certificateArn", "validationRecordFqdns"],
  references: [
    { input: "certificateArn", type: certificateType, property: "arn", onDelete: "cascade" },
  ],
  idStyle: "uuid",
  api: {
    ...{ noun: "ACM Certificate Validation", sdk: "ACM", create: "DescribeCertificate" },
    named: ({ certificateArn }) => String(certificateArn),
  },
  refuse: (operation) => {
    const { certificateArn, validationRecordFqdns: fqdns } = operation.inputs as z.infer<
      typeof validationInputs
    >;
    const { world } = operation.cloud;
    const found = certificateAt(world, certificateArn);
    if (!found) return;
    if (found.inputs["region"] !== regionOf(operation.inputs)) {
      throw new AwsError(
        "ResourceNotFoundException",
        `Could not find certificate ${certificateArn} in ${regionOf(operation.inputs)}.`,
      );
    }
    const wanted = validationRecords(found.inputs);
    const unlisted = wanted.filter(
      ({ resourceRecordName }) =>
        fqdns !== undefined && !fqdns.some((name) => plain(name) === plain(resourceRecordName)),
    );
    if (unlisted.length > 0) {
      throw new AwsProviderError(
        `creating ACM Certificate Validation: validationRecordFqdns lacks ${shown(unlisted)}`,
      );
    }
    const missing = wanted.filter((record) => !isPublished(world, record));
    if (missing.length > 0) {
      throw new AwsProviderError(
        `waiting for ACM Certificate (${certificateArn}) to be issued: timeout while waiting for ` +
          "state to become 'ISSUED' (last state: 'PENDING_VALIDATION', timeout: 1h15m0s); no zone of " +
          `the embedded cloud has an unproxied CNAME record ${shown(missing)}`,
      );
    }
  },
  recorded: "ACM's check of the records is made once, when it is created",
});

const shown = (records: readonly ValidationRecord[]): string =>
  records
    .map(
      ({ resourceRecordName, resourceRecordValue }) =>
        `${resourceRecordName} -> ${resourceRecordValue}`,
    )
    .join(", ");

export function certificateAt(world: World, certificateArn: unknown): CloudResource | undefined {
  return world.all(certificateType).find(({ outputs }) => outputs["arn"] === certificateArn);
}

/** Every name, the first one first. */
export function namesOf({ domainName, subjectAlternativeNames = [] }: Values): readonly string[] {
  return [...new Set([String(domainName), ...(subjectAlternativeNames as readonly string[])])];
}

/** Whether a certificate covers a host name; `*` stands for one label. */
export function covers(given: Values, host: string): boolean {
  return namesOf(given).some(
    (name) =>
      name.toLowerCase() === host.toLowerCase() ||
      (name.startsWith("*.") && host.slice(host.indexOf(".")).toLowerCase() === name.slice(1)),
  );
}

/** Whether all of a certificate's names are proved: somebody waited for it, or its records stand. */
export function isIssued(world: World, { inputs: given, outputs }: CloudResource): boolean {
  const waitedFor = world
    .all(validationType)
    .some(({ inputs: { certificateArn }, ready }) => ready && certificateArn === outputs["arn"]);
  return waitedFor || validationRecords(given).every((record) => isPublished(world, record));
}

/** One for each name, the same in every region: only account and name are in it. */
function validationRecords(given: Values): readonly ValidationRecord[] {
  return namesOf(given).map((domainName) => {
    const proved = domainName.replace(/^\*\./, "").toLowerCase();
    const hash = createHash("sha256").update(`${accountId} ${proved}`).digest("hex");
    return {
      domainName,
      resourceRecordName: `_${hash.slice(0, 32)}.${proved}.`,
      resourceRecordType: "CNAME",
      resourceRecordValue: `_${hash.slice(32)}.sandbox.acm-validations.aws.`,
    };
  });
}

/** What Cloudflare's proxy answers for is no CNAME for whoever asks. */
function isPublished(
  world: World,
  { resourceRecordName, resourceRecordValue }: ValidationRecord,
): boolean {
  return world
    .all("cloudflare:index/dnsRecord:DnsRecord")
    .some(
      ({ inputs: { name, type, content, proxied } }) =>
        String(type).toUpperCase() === "CNAME" &&
        proxied !== true &&
        plain(String(name)) === plain(resourceRecordName) &&
        plain(String(content)) === plain(resourceRecordValue),
    );
}

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, "");
