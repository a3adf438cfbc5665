import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAuthority } from "../certificates";
import type { CertificateAuthority } from "../contracts";
import { ensureCertificate, ensurePlaceholder } from "./certificate";
import type { HostSettings } from "./settings";

describe("a site's certificate", () => {
  const directory = mkdtempSync(join(tmpdir(), "drops-certificate-"));
  const root = join(directory, "host");
  const settings: HostSettings = {
    ...{ role: "app", metricsPort: undefined, replicas: 0 },
    ...{ site: "proxied", names: ["drops.example.com", "origin.example.com"], appPort: 3000 },
    ...{ redisMode: "none", redisOnHost: false, grantRoles: false, backup: false },
  };
  let authority: CertificateAuthority;
  let other: CertificateAuthority;
  const current = join(root, "etc/drops/tls/current");
  const inUse = (): X509Certificate =>
    new X509Certificate(readFileSync(join(current, "fullchain.pem")));
  const signer = (): X509Certificate => new X509Certificate(authority.certificate);

  beforeAll(async () => {
    authority = await openAuthority(join(directory, "authority"), "one");
    other = await openAuthority(join(directory, "other"), "other");
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it("is at first one that nobody trusts, so that nginx can start", async () => {
    await ensurePlaceholder(root, settings);
    expect(readlinkSync(current)).toBe("placeholder");
    expect(inUse().checkIssued(signer())).toBe(false);
    expect(statSync(join(current, "privkey.pem")).mode & 0o777).toBe(0o600);
    const before = inUse().fingerprint256;
    await ensurePlaceholder(root, settings);
    expect(inUse().fingerprint256).toBe(before);
  });

  it("is then the authority's, for every name, and stays while it is good", async () => {
    expect(await ensureCertificate(root, settings, authority)).toBe(true);
    expect(readlinkSync(current)).toBe("../../letsencrypt/live/drops");
    expect(inUse().verify(signer().publicKey)).toBe(true);
    for (const name of settings.names) expect(inUse().checkHost(name)).toBe(name);
    const before = inUse().fingerprint256;
    expect(await ensureCertificate(root, settings, authority)).toBe(false);
    expect(inUse().fingerprint256).toBe(before);
  });

  it("is a new one for another name, another authority or a key that does not fit", async () => {
    const more = { ...settings, names: [...settings.names, "www.example.com"] };
    expect(await ensureCertificate(root, more, authority)).toBe(true);
    expect(inUse().checkHost("www.example.com")).toBe("www.example.com");
    expect(await ensureCertificate(root, settings, other)).toBe(true);
    expect(await ensureCertificate(root, settings, authority)).toBe(true);
    writeFileSync(join(current, "privkey.pem"), (await other.issue(["x"])).key);
    expect(await ensureCertificate(root, settings, authority)).toBe(true);
    expect(await ensureCertificate(root, settings, authority)).toBe(false);
  });
});
