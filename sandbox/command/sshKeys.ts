import { createPublicKey, type KeyObject } from "node:crypto";

/** Names of the curves, as SSH calls them. */
const curves: Readonly<Record<string, string>> = {
  "P-256": "nistp256",
  "P-384": "nistp384",
  "P-521": "nistp521",
};

/**
 * The public half of a private key in PEM, as the second word of a line in `authorized_keys`.
 *
 * @throws Error with the SSH library's words; never with a part of the key.
 */
export function publicKeyData(privateKey: string, passphrase?: string): string {
  if (privateKey.includes("BEGIN OPENSSH PRIVATE KEY")) return openSshPublicKey(privateKey);
  let key: KeyObject;
  try {
    key = createPublicKey({ key: privateKey, format: "pem", ...(passphrase && { passphrase }) });
  } catch {
    const encrypted = /ENCRYPTED/.test(privateKey);
    throw new Error(
      encrypted ? "ssh: this private key is passphrase protected" : "ssh: no key found",
    );
  }
  return wireFormat(key).toString("base64");
}

function wireFormat(key: KeyObject): Buffer {
  const { kty, crv = "", x = "", y = "", e = "", n = "" } = key.export({ format: "jwk" });
  const bytes = (text: string): Buffer => Buffer.from(text, "base64url");
  if (kty === "OKP" && crv === "Ed25519") return strings("ssh-ed25519", bytes(x));
  if (kty === "RSA") return strings("ssh-rsa", positive(bytes(e)), positive(bytes(n)));
  const curve = curves[crv];
  if (kty === "EC" && curve !== undefined) {
    const point = Buffer.concat([Buffer.from([4]), bytes(x), bytes(y)]);
    return strings(`ecdsa-sha2-${curve}`, curve, point);
  }
  throw new Error("ssh: unsupported key type");
}

/** Each part after its length. */
function strings(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part as string);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** A leading zero where the first bit would make the number negative. */
const positive = (bytes: Buffer): Buffer =>
  (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;

const magic = "openssh-key-v1\0";

/** OpenSSH's own format keeps the public key in plain, before the part that may be encrypted. */
function openSshPublicKey(pem: string): string {
  const bytes = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  if (bytes.toString("latin1", 0, magic.length) !== magic) throw new Error("ssh: no key found");
  let offset = magic.length;
  const next = (): Buffer => {
    if (offset + 4 > bytes.length) throw new Error("ssh: no key found");
    const length = bytes.readUInt32BE(offset);
    offset += 4 + length;
    return bytes.subarray(offset - length, offset);
  };
  // Cipher, key derivation and its options; then the number of keys.
  next();
  next();
  next();
  offset += 4;
  return next().toString("base64");
}
