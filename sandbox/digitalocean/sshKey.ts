import { createHash } from "node:crypto";
import { z } from "zod";
import { isPublicKey } from "../../settings/sshKeys";
import { CloudError, type Kind } from "../cloud/kind";
import { filled } from "./shapes";

const inputs = z.object({ name: filled.optional(), publicKey: filled });

export const sshKeyType = "digitalocean:index/sshKey:SshKey";

export const sshKey: Kind = {
  type: sshKeyType,
  inputs,
  immutable: ["publicKey"],
  autoName: "name",
  idStyle: "number",
  refuse: ({ cloud: { world }, inputs: given, id }) => {
    const { publicKey } = given as z.infer<typeof inputs>;
    if (!isPublicKey(publicKey.trim())) {
      throw new CloudError(
        422,
        "Key invalid, key should be of the format `<type> <base64> <comment>`",
      );
    }
    const same = world
      .all(sshKeyType)
      .some(
        (other) => other.id !== id && keyDataOf(other.inputs["publicKey"]) === keyDataOf(publicKey),
      );
    if (same) throw new CloudError(422, "SSH Key is already in use on your account");
  },
  create: ({ inputs: given }) => ({ outputs: { fingerprint: fingerprintOf(given["publicKey"]) } }),
};

/** The key itself, base64, without type and comment. */
export const keyDataOf = (line: unknown): string => String(line).trim().split(/\s+/)[1] ?? "";

/** MD5, as DigitalOcean shows it and droplets name keys. */
function fingerprintOf(line: unknown): string {
  const digest = createHash("md5")
    .update(Buffer.from(keyDataOf(line), "base64"))
    .digest("hex");
  return digest.match(/../g)?.join(":") ?? "";
}
