import { z } from "zod";
import { CloudError } from "../cloud/kind";
import type { CloudResource, World } from "../contracts";
import { admitsSomebody, dropletAt } from "../digitalocean/network";
import { authorizedKeys } from "./login";
import { publicKeyData } from "./sshKeys";

const text = z.string().optional();
const base = {
  ...{ user: text, password: text, host: z.string(), port: z.int().positive().optional() },
  ...{ privateKey: text, privateKeyPassword: text, agentSocketPath: text, hostKey: text },
  ...{ dialErrorLimit: z.int().optional(), perDialTimeout: z.int().min(0).optional() },
};

export const connection = z.strictObject({ ...base, proxy: z.strictObject(base).optional() });
export type Connection = z.infer<typeof connection>;

/**
 * The server at the other end of an SSH connection.
 *
 * @throws CloudError with the SSH library's words. The real provider tries again and again for a
 * server that is still booting; here a server that is ready answers at once, so nothing is tried twice.
 */
export function dial(
  world: World,
  given: Connection,
): { readonly droplet: CloudResource; readonly user: string } {
  const { host, port = 22, user = "root" } = given;
  if (given.proxy) throw failed("proxy: the embedded cloud has no bastion hosts");
  const offered = offeredKey(given);
  const socket = `${host}:${port}`;
  const droplet = dropletAt(world, host);
  if (!droplet) {
    throw failed(`dial tcp ${socket}: i/o timeout (no droplet has this address, or none yet)`);
  }
  if (!admitsSomebody(world, droplet.id, port)) {
    throw failed(
      `dial tcp ${socket}: i/o timeout (the droplet's firewall admits nobody to port ${port})`,
    );
  }
  if (port !== 22) throw failed(`dial tcp ${socket}: connect: connection refused`);
  if (given.hostKey !== undefined) {
    throw failed(
      "ssh: handshake failed: ssh: host key mismatch (servers of the embedded cloud have no key: set no hostKey)",
    );
  }
  if (!authorizedKeys(world, droplet, user).includes(offered)) {
    const attempted = [
      "none",
      ...(given.privateKey ? ["publickey"] : []),
      ...(given.password ? ["password"] : []),
    ];
    const hint = given.privateKey
      ? `the key is not among those of user ${user}`
      : "the embedded cloud asks no SSH agent: set a private key";
    throw failed(
      "ssh: handshake failed: ssh: unable to authenticate, attempted methods " +
        `[${attempted.join(" ")}], no supported methods remain (${hint})`,
    );
  }
  return { droplet, user };
}

function offeredKey({ privateKey, privateKeyPassword }: Connection): string {
  if (privateKey === undefined || privateKey === "") return "none";
  try {
    return publicKeyData(privateKey, privateKeyPassword);
  } catch (error) {
    throw failed(error instanceof Error ? error.message : "ssh: no key found");
  }
}

const failed = (message: string): CloudError => new CloudError(503, message);
