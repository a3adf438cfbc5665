import { z } from "zod";
import { secretText } from "./leaf";

const keyTypes = [
  "ssh-ed25519",
  "ssh-rsa",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
];

/** Whether a line is an OpenSSH public key: its type, and data that names the same type. */
export function isPublicKey(line: string): boolean {
  const [type = "", data = ""] = line.split(" ");
  const bytes = Buffer.from(data, "base64");
  if (!keyTypes.includes(type) || bytes.length < 4 + type.length + 32) return false;
  return (
    bytes.readUInt32BE(0) === type.length && bytes.toString("latin1", 4, 4 + type.length) === type
  );
}

const publicKeyExample =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA example";
const rangeFacts = {
  description: "Networks that may reach SSH; IPv4, because the server has no other address.",
  example: "203.0.113.7/32",
};

/** Who may log in to the server, and from where. */
export const ssh = z.strictObject({
  publicKey: z.string().refine(isPublicKey).meta({
    description:
      "Public key of the operator. A change reaches the server when it is rebuilt (drops:vps.rebuild).",
    allowed: "a line of an OpenSSH .pub file",
    example: "$(cat ~/.ssh/id_ed25519.pub)",
    valid: publicKeyExample,
  }),
  existingFingerprint: z
    .string()
    .regex(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/)
    .meta({
      description:
        "MD5 fingerprint of the same key where the DigitalOcean account has it already (another stack's, say); DigitalOcean refuses a key twice.",
      allowed: "16 pairs of hexadecimal digits with colons (doctl compute ssh-key list)",
      example: "3b:16:bf:e4:8b:00:8b:b8:59:8c:a9:d3:f0:19:45:fa",
    })
    .optional(),
  privateKey: secretText(
    {
      description: "Its private key; without it the SSH agent (SSH_AUTH_SOCK) is asked.",
      allowed: "a private key in PEM",
      example: "$(cat ~/.ssh/id_ed25519)",
    },
    (value) => value.includes("PRIVATE KEY-----"),
  ).optional(),
  hostKey: z
    .string()
    .refine(isPublicKey)
    .meta({
      description:
        "The server's own public key; with it, secrets go to that server alone. Known after the first deploy.",
      allowed: "a line of `ssh-keyscan -t ed25519 ADDRESS`, without the address",
      example: "$(ssh-keyscan -t ed25519 ADDRESS | cut -d' ' -f2-)",
      valid: publicKeyExample,
    })
    .optional(),
  cidrs: z
    .array(z.cidrv4().meta({ ...rangeFacts, allowed: "an IPv4 range such as 203.0.113.7/32" }))
    .min(1)
    .meta({ ...rangeFacts, allowed: "at least one IPv4 range such as 203.0.113.7/32" }),
});
