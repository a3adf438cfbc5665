import { createSecureContext, type SecureContext, type SecureVersion, type Server } from "node:tls";
import type { CertificateAuthority } from "../contracts";
import { certificateNames } from "./dns";
import type { ZoneView } from "./types";

/** The edge's certificates, one for each set of names, issued when the first visitor comes. */
export class EdgeCertificates {
  private readonly contexts = new Map<string, Promise<SecureContext>>();

  constructor(
    private readonly authority: CertificateAuthority,
    private readonly zones: () => readonly ZoneView[],
    private readonly others: {
      /** Whether App Platform's edge answers for a name. */
      readonly isApp: (host: string) => boolean;
      /** Names of CloudFront's certificate for a name that leads there. */
      readonly cloudfront: (host: string) => readonly string[] | undefined;
    },
  ) {}

  /** Undefined for a name in no zone, of no app and of no distribution: the handshake fails, as it does at Cloudflare. */
  async contextFor(name: string): Promise<SecureContext | undefined> {
    const host = name.toLowerCase();
    const names =
      this.others.cloudfront(host) ??
      certificateNames(this.zones(), host) ??
      (this.others.isApp(host) ? [host] : undefined);
    if (!names) return undefined;
    const key = names.join(" ");
    const made = this.contexts.get(key) ?? this.issue(names);
    this.contexts.set(key, made);
    try {
      return await made;
    } catch (error) {
      // The next visitor tries again.
      this.contexts.delete(key);
      throw error;
    }
  }

  private async issue(names: readonly string[]): Promise<SecureContext> {
    const { key, certificate } = await this.authority.issue(names);
    return createSecureContext({ key, cert: certificate });
  }
}

interface TlsVersions {
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
}

/**
 * TLS versions that zones allow. Node chooses the version before it knows the name, so of several
 * zones the strictest counts. Older than 1.2 cannot be had: this machine's OpenSSL refuses it.
 */
export function tlsVersions(zones: readonly ZoneView[]): TlsVersions {
  const any = (id: string, value: string): boolean =>
    zones.some(({ settings }) => settings[id] === value);
  return {
    minVersion: any("min_tls_version", "1.3") ? "TLSv1.3" : "TLSv1.2",
    maxVersion: any("tls_1_3", "off") ? "TLSv1.2" : "TLSv1.3",
  };
}

/** Makes a server follow the zones' settings, from the next connection on. */
export function followTlsVersions(server: Server, zones: () => readonly ZoneView[]): void {
  let current = "";
  // Before the server's own listener, which begins the handshake.
  server.prependListener("connection", () => {
    const versions = tlsVersions(zones());
    const text = JSON.stringify(versions);
    if (text === current) return;
    current = text;
    server.setSecureContext(versions);
  });
}
