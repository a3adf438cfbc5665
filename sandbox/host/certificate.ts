import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { paths } from "../../host/paths";
import { openAuthority } from "../certificates";
import type { CertificateAuthority, KeyPair } from "../contracts";
import { textIn, writeAtOnce } from "../files";
import { point } from "./fileSystem";
import type { HostSettings } from "./settings";

/** Where certbot keeps the certificate of its name "drops". */
const live = "/etc/letsencrypt/live/drops";
const placeholder = `${dirname(paths.tls)}/placeholder`;
/** certbot renews when less than this is left. */
const RENEW_MS = 30 * 86_400_000;

/**
 * What nginx can start with until there is a real certificate: signed by nobody that a client
 * trusts.
 */
export async function ensurePlaceholder(root: string, settings: HostSettings): Promise<void> {
  if (existsSync(`${root}${paths.tls}/fullchain.pem`)) return;
  const nobody = await openAuthority(join(root, "run/placeholder-authority"), "placeholder");
  write(root, placeholder, await nobody.issue(settings.names));
  use(root, placeholder);
}

/**
 * The site's certificate from the authority that stands for Let's Encrypt, as lib/certificate asks
 * certbot for it: anew only where the one in place does not cover the names or is near its end.
 *
 * @returns whether nginx has to read a new one.
 */
export async function ensureCertificate(
  root: string,
  settings: HostSettings,
  authority: CertificateAuthority,
): Promise<boolean> {
  const isCovered = covers(root + live, settings.names, authority);
  if (!isCovered) write(root, live, await authority.issue(settings.names));
  return use(root, live) || !isCovered;
}

function covers(
  directory: string,
  names: readonly string[],
  authority: CertificateAuthority,
): boolean {
  const [pem, key] = ["fullchain.pem", "privkey.pem"].map((name) => textIn(join(directory, name)));
  if (pem === undefined || key === undefined) return false;
  const certificate = new X509Certificate(pem);
  const issuer = new X509Certificate(authority.certificate);
  return (
    certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey) &&
    // Only one of the two may have been written.
    certificate.checkPrivateKey(createPrivateKey(key)) &&
    Date.parse(certificate.validTo) - Date.now() > RENEW_MS &&
    names.every((name) => certificate.checkHost(name, { subject: "never" }) !== undefined)
  );
}

function write(root: string, directory: string, pair: KeyPair): void {
  mkdirSync(root + directory, { recursive: true, mode: 0o700 });
  writeAtOnce(`${root}${directory}/privkey.pem`, pair.key, 0o600);
  writeAtOnce(`${root}${directory}/fullchain.pem`, pair.certificate, 0o644);
}

/** Points nginx's link at a directory; true if it led elsewhere. */
function use(root: string, directory: string): boolean {
  const link = root + paths.tls;
  const target = relative(dirname(link), root + directory);
  mkdirSync(dirname(link), { recursive: true });
  if (existsSync(link) && readlinkSync(link) === target) return false;
  point(link, target);
  return true;
}
