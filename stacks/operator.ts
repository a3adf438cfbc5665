import * as pulumi from "@pulumi/pulumi";
import type { HostAccess } from "../components/compute/hostConnection";
import type { Vps } from "../components/compute/vps";
import type { SmallConfig } from "../settings/schema";

/** Login name on every host of ours. */
export const operator = "drops";

/** How the program reaches a server to bring it what it runs. */
export function accessTo(vps: Vps, { ssh }: Pick<SmallConfig, "ssh">): HostAccess {
  return {
    host: vps.origin,
    machineId: vps.entity,
    user: operator,
    privateKey: ssh.privateKey && pulumi.secret(ssh.privateKey),
    hostKey: ssh.hostKey,
  };
}
