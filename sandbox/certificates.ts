import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { createPrivateKey, randomBytes, webcrypto } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import type { CertificateAuthority, KeyPair } from "./contracts";

const DAY_MS = 86_400_000;
/** Clients whose clock is a little behind accept it too. */
const BACKDATED_MS = 3_600_000;
const AUTHORITY_DAYS = 3_650;
/** Browsers refuse a server's certificate that is valid for more than 398 days. */
const SERVER_DAYS = 397;
/** X.509's bound on a common name; clients read the alternative names alone. */
const COMMON_NAME_LENGTH = 64;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/**
 * The authority whose key lies in `directory`, made there first where there is none. Beside it lies
 * `ca.pem`, which everybody may read: what a client has to trust.
 */
export async function openAuthority(
  directory: string,
  commonName: string,
): Promise<CertificateAuthority> {
  // One file, so that key and certificate are always of one pair.
  const file = join(directory, "authority.pem");
  const text = (await textOf(file)) ?? (await makeAuthority(directory, file, commonName));
  const { key, certificate } = parted(text, file);
  const publicFile = join(directory, "ca.pem");
  if ((await textOf(publicFile)) !== certificate) {
    await writeFile(publicFile, certificate, { mode: 0o644 });
  }
  const signer: Signer = {
    key: await importKey(key, file),
    certificate: new X509Certificate(certificate),
  };
  return { certificate, issue: (names, use) => issue(signer, names, use) };
}

interface Signer {
  readonly key: webcrypto.CryptoKey;
  readonly certificate: X509Certificate;
}

/** Makes it beside its place; of two that do so at once the first wins, and both read it. */
async function makeAuthority(directory: string, file: string, commonName: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: newSerial(),
      name: [{ CN: [commonName.slice(0, COMMON_NAME_LENGTH)] }],
      ...validity(AUTHORITY_DAYS),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const made = `${file}.${randomBytes(6).toString("hex")}`;
  await writeFile(made, `${await pemOf(keys.privateKey)}${pem(certificate)}`, { mode: 0o600 });
  try {
    await link(made, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(made, { force: true });
  }
  return await readFile(file, "utf8");
}

async function issue(
  signer: Signer,
  names: readonly string[],
  use: "server" | "peer" = "server",
): Promise<KeyPair> {
  const [first] = names;
  if (first === undefined) {
    throw new Error(
      "a certificate needs at least one DNS name or IP address; clients read nothing else",
    );
  }
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: newSerial(),
      subject: [{ CN: [first.slice(0, COMMON_NAME_LENGTH)] }],
      issuer: signer.certificate.subjectName.toJSON(),
      ...validity(SERVER_DAYS),
      signingAlgorithm: algorithm,
      signingKey: signer.key,
      publicKey: keys.publicKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([
          ExtendedKeyUsage.serverAuth,
          ...(use === "peer" ? [ExtendedKeyUsage.clientAuth] : []),
        ]),
        new SubjectAlternativeNameExtension(
          names.map((name) => ({ type: isIP(name) === 0 ? "dns" : "ip", value: name })),
        ),
        // Python and other strict clients refuse a certificate without these two.
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(
          signer.certificate.publicKey,
          false,
          webcrypto,
        ),
      ],
    },
    webcrypto,
  );
  return { key: await pemOf(keys.privateKey), certificate: pem(certificate) };
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

/** Hexadecimal; the first bit is clear because serial numbers are positive. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

function validity(days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const from = Date.now() - BACKDATED_MS;
  return { notBefore: new Date(from), notAfter: new Date(from + days * DAY_MS) };
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey("pkcs8", key);
  return `${PemConverter.encode(der, PemConverter.PrivateKeyTag)}\n`;
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

function parted(text: string, file: string): KeyPair {
  const [key, certificate] = ["PRIVATE KEY", "CERTIFICATE"].map(
    (tag) => new RegExp(`-----BEGIN ${tag}-----[^-]+-----END ${tag}-----\n`).exec(text)?.[0],
  );
  if (key === undefined || certificate === undefined) throw damaged(file);
  return { key, certificate };
}

async function importKey(key: string, file: string): Promise<webcrypto.CryptoKey> {
  try {
    const der = createPrivateKey(key).export({ type: "pkcs8", format: "der" });
    return await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  } catch {
    throw damaged(file);
  }
}

function damaged(file: string): Error {
  return new Error(
    `${file} holds no P-256 key and certificate of an authority. Delete it to have a new one made; what trusted the old one has to trust the new one then.`,
  );
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
