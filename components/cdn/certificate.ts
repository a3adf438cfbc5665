import * as acm from "@pulumi/aws/acm";
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { globalRegion } from "../../prices/aws";
import { type Override, withOverride } from "../overrides";
import { certificateNameProblems, validationRecord } from "./certificateRecords";

/** A certificate of Amazon's; known before anything is deployed. */
export interface CertificateSpec {
  /** First name, 64 characters at the most; a change makes another certificate. */
  readonly domain: string;
  /** Further names, none of them the first; a change makes another certificate. */
  readonly alternativeNames: readonly string[];
  /** CloudFront takes those of us-east-1 alone. @default the provider's region */
  readonly region?: typeof globalRegion;
  /** Cloudflare's zone that all names lie in. */
  readonly zoneId: string;
}

/** DNS records that prove a certificate's names. */
export interface ValidationRecords {
  /** Full names, once the records stand. */
  readonly recordNames: readonly pulumi.Output<string>[];
}

/** Changes to the arguments of single children, applied last. */
export interface CertificateOverrides {
  readonly certificate?: Override<acm.CertificateArgs>;
  /** By the name that the record proves. */
  readonly records?: Readonly<Record<string, Override<cloudflare.DnsRecordArgs>>>;
  readonly validation?: Override<acm.CertificateValidationArgs>;
}

export interface CertificateArgs {
  readonly spec: CertificateSpec;
  /**
   * Another certificate for the same names in this account: ACM asks for the same records in every
   * region, and a zone takes each once. Without it the records are made.
   */
  readonly validateWith?: ValidationRecords;
  readonly overrides?: CertificateOverrides;
}

/**
 * A certificate that DNS in Cloudflare's zone proves, and that ACM renews for as long as the records
 * stand. A change of its names makes the new one first and lets the old one go once nothing uses it.
 */
export class Certificate extends pulumi.ComponentResource implements ValidationRecords {
  /** Known once the certificate is issued. */
  readonly arn: pulumi.Output<string>;
  readonly recordNames: readonly pulumi.Output<string>[];

  constructor(name: string, args: CertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:cdn:Certificate", name, {}, opts);
    const { spec, validateWith, overrides = {} } = args;
    const { domain, alternativeNames } = spec;
    const problems = certificateNameProblems(domain, alternativeNames);
    if (problems.length > 0)
      throw new pulumi.ResourceError(`${name}: ${problems.join("; ")}`, this);

    const region = spec.region === undefined ? {} : { region: spec.region };
    const certificate = new acm.Certificate(
      `${name}-certificate`,
      withOverride<acm.CertificateArgs>(
        {
          ...region,
          domainName: domain,
          ...(alternativeNames.length > 0 && { subjectAlternativeNames: [...alternativeNames] }),
          validationMethod: "DNS",
          // Whoever speaks TLS 1.2 knows it, and a handshake costs less than with RSA.
          keyAlgorithm: "EC_prime256v1",
        },
        overrides.certificate,
      ),
      { parent: this },
    );
    this.recordNames =
      validateWith?.recordNames ??
      [domain, ...alternativeNames].map((proved) =>
        this.record(name, spec.zoneId, proved, certificate, overrides),
      );
    const validation = new acm.CertificateValidation(
      `${name}-validation`,
      withOverride<acm.CertificateValidationArgs>(
        {
          ...region,
          certificateArn: certificate.arn,
          validationRecordFqdns: [...this.recordNames],
        },
        overrides.validation,
      ),
      { parent: this },
    );
    this.arn = validation.certificateArn;
    this.registerOutputs({ arn: this.arn });
  }

  /** The name of the record that proves one name. */
  private record(
    name: string,
    zoneId: string,
    proved: string,
    certificate: acm.Certificate,
    overrides: CertificateOverrides,
  ): pulumi.Output<string> {
    const wanted = certificate.domainValidationOptions.apply((options) =>
      validationRecord(options, proved),
    );
    const args: cloudflare.DnsRecordArgs = {
      zoneId,
      name: wanted.name,
      type: wanted.type,
      content: wanted.content,
      // Seconds, the least that Cloudflare allows: it is looked up a minute later.
      ttl: 60,
      proxied: false,
      comment: `Drops: proves ${proved} to Amazon's certificate authority, for renewals too`,
    };
    return new cloudflare.DnsRecord(
      `${name}-record-${proved}`,
      withOverride(args, overrides.records?.[proved]),
      { parent: this },
    ).name;
  }
}
