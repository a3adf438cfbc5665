import { parse } from "yaml";
import { z } from "zod";
import type { CloudResource, World } from "../contracts";
import { keyDataOf, sshKeyType } from "../digitalocean/sshKey";

// Loose: user data says much that is not about logins.
const userData = z.object({
  users: z
    .array(
      z.union([
        z.string(),
        z.object({ name: z.string(), ssh_authorized_keys: z.array(z.string()).optional() }),
      ]),
    )
    .optional(),
  ssh_authorized_keys: z.array(z.string()).optional(),
  disable_root: z.boolean().optional(),
});

/**
 * Public keys, base64, with which a user may log in to a droplet: root with the droplet's SSH keys,
 * unless its user data forbids that, and others with what the user data gives them.
 */
export function authorizedKeys(
  world: World,
  droplet: CloudResource,
  user: string,
): readonly string[] {
  const {
    users = [],
    ssh_authorized_keys: own = [],
    disable_root,
  } = read(droplet.inputs["userData"]);
  if (user === "root") {
    return disable_root === true ? [] : [...accountKeys(world, droplet), ...own.map(keyDataOf)];
  }
  return users.flatMap((one) =>
    typeof one === "object" && one.name === user
      ? (one.ssh_authorized_keys ?? []).map(keyDataOf)
      : [],
  );
}

function accountKeys(world: World, { inputs }: CloudResource): readonly string[] {
  const named = (inputs["sshKeys"] ?? []) as readonly string[];
  return world
    .all(sshKeyType)
    .filter(
      ({ id, outputs }) => named.includes(id) || named.includes(String(outputs["fingerprint"])),
    )
    .map(({ inputs: { publicKey } }) => keyDataOf(publicKey));
}

function read(text: unknown): z.infer<typeof userData> {
  if (typeof text !== "string" || !text.startsWith("#cloud-config")) return {};
  try {
    return userData.safeParse(parse(text)).data ?? {};
  } catch {
    // The host has said what is wrong with it when it booted.
    return {};
  }
}
