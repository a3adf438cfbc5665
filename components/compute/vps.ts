import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { renderUserData } from "../../host/bootstrap";
import type { HostRole } from "../../host/types";
import { hostTarget, monitoringTarget } from "../alarms/hostSignals";
import type { AlarmTarget } from "../alarms/types";
import type { App } from "../contracts";
import { cloudflareIpRanges } from "../network/cloudflareRanges";
import { withOverride, type Override } from "../overrides";

/** What a server is, known before a deploy. */
export interface VpsSpec {
  /** Whether it runs the app, or watches one that runs elsewhere. */
  readonly role: HostRole;
  /** Host name of the droplet. */
  readonly hostName: string;
  readonly region: string;
  /** Droplet size, e.g. "s-2vcpu-4gb". A change resizes in place, with a reboot. */
  readonly size: string;
  /** Image slug. A change replaces the server. */
  readonly image: string;
  /** The provider's backups of the whole disk. */
  readonly backups: "weekly" | "daily" | "off";
  /** A change, and nothing else, builds the server anew. */
  readonly rebuild: number;
  /** Operator's login name. */
  readonly user: string;
  readonly sshPublicKey: string;
  /** Fingerprint of that key where the account has it already; without it the key is added. */
  readonly existingKeyFingerprint?: string | undefined;
  /** Networks that may reach SSH. */
  readonly sshCidrs: readonly string[];
  /** Who may reach ports 80 and 443: Cloudflare alone when the site is proxied. */
  readonly webFrom: "cloudflare" | "anyone";
  /** Whether the site has a certificate: without one port 443 stays closed. */
  readonly tls: boolean;
  /** Ports that a private network alone may reach. */
  readonly privatePorts?: readonly { readonly port: number; readonly cidr: string }[];
  /** Guards the address against deletion. */
  readonly protect: boolean;
}

export interface VpsArgs {
  readonly spec: VpsSpec;
  readonly vpcId: pulumi.Input<string>;
  readonly overrides?: {
    readonly sshKey?: Override<digitalocean.SshKeyArgs>;
    readonly droplet?: Override<digitalocean.DropletArgs>;
    readonly reservedIp?: Override<digitalocean.ReservedIpArgs>;
    readonly assignment?: Override<digitalocean.ReservedIpAssignmentArgs>;
    readonly firewall?: Override<digitalocean.FirewallArgs>;
  };
}

/** Everywhere, in both families. */
const anywhere = ["0.0.0.0/0", "::/0"];

/**
 * A virtual server with an address that outlives it. Its user data only bootstraps (user, SSH,
 * packages): what changes is pushed over SSH by the HostRelease component, so no change of nginx, of
 * a rule or of a secret replaces the machine.
 */
export class Vps extends pulumi.ComponentResource implements App {
  /** Numeric id as the provider's other resources want it. */
  readonly dropletId: pulumi.Output<number>;
  /** The reserved IPv4 address. */
  readonly origin: pulumi.Output<string>;
  readonly access: pulumi.Output<string>;
  /** Its address in the private network. */
  readonly privateAddress: pulumi.Output<string>;
  /** Id in the form that monitor alerts want. */
  readonly entity: pulumi.Output<string>;
  readonly alarmTargets: readonly AlarmTarget[];
  /** What must stand before somebody may log in. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: VpsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:compute:Vps", name, {}, opts);
    const { spec, overrides = {} } = args;
    const parent = { parent: this };

    const fingerprint =
      spec.existingKeyFingerprint ??
      new digitalocean.SshKey(
        `${name}-ssh-key`,
        withOverride<digitalocean.SshKeyArgs>({ publicKey: spec.sshPublicKey }, overrides.sshKey),
        parent,
      ).fingerprint;
    const droplet = new digitalocean.Droplet(
      `${name}-droplet`,
      withOverride(dropletArgs(spec, args.vpcId, fingerprint), overrides.droplet),
      {
        parent: this,
        // Immutable in the provider: a change would replace the server behind the operator's back.
        ignoreChanges: ["userData", "sshKeys"],
        replacementTrigger: spec.rebuild,
      },
    );
    this.dropletId = droplet.id.apply(Number);
    this.entity = droplet.id;
    this.privateAddress = droplet.ipv4AddressPrivate;

    const address = new digitalocean.ReservedIp(
      `${name}-address`,
      withOverride<digitalocean.ReservedIpArgs>({ region: spec.region }, overrides.reservedIp),
      { parent: this, protect: spec.protect },
    );
    const assignment = new digitalocean.ReservedIpAssignment(
      `${name}-address-assignment`,
      withOverride<digitalocean.ReservedIpAssignmentArgs>(
        { ipAddress: address.ipAddress, dropletId: this.dropletId },
        overrides.assignment,
      ),
      // Deleting the old assignment frees the address: after the new one it would cut the new server off.
      { parent: this, deleteBeforeReplace: true },
    );
    const firewall = new digitalocean.Firewall(
      `${name}-firewall`,
      withOverride(firewallArgs(spec, this.dropletId), overrides.firewall),
      parent,
    );

    this.origin = address.ipAddress;
    this.access = pulumi.interpolate`${spec.user}@${address.ipAddress}`;
    this.alarmTargets = [spec.role === "app" ? hostTarget(spec.tls) : monitoringTarget()];
    this.ready = [assignment, firewall];
    this.registerOutputs({ origin: this.origin, access: this.access });
  }
}

function dropletArgs(
  spec: VpsSpec,
  vpcUuid: pulumi.Input<string>,
  sshKey: pulumi.Input<string>,
): digitalocean.DropletArgs {
  return {
    name: spec.hostName,
    region: spec.region,
    size: spec.size,
    image: spec.image,
    vpcUuid,
    sshKeys: [sshKey],
    userData: renderUserData({
      user: spec.user,
      sshPublicKeys: [spec.sshPublicKey],
      role: spec.role,
    }),
    // Memory and disk alerts read nothing without the agent.
    monitoring: true,
    backups: spec.backups !== "off",
    ...(spec.backups !== "off" && {
      // The hour before the nightly dump's; daily backups have no weekday.
      backupPolicy:
        spec.backups === "weekly"
          ? { plan: "weekly", weekday: "SUN", hour: 0 }
          : { plan: "daily", hour: 0 },
    }),
    // A grown disk can never shrink back, so a resize touches CPU and memory alone.
    resizeDisk: false,
    gracefulShutdown: true,
  };
}

function firewallArgs(spec: VpsSpec, dropletId: pulumi.Input<number>): digitalocean.FirewallArgs {
  const web =
    spec.webFrom === "cloudflare"
      ? [...cloudflareIpRanges.ipv4, ...cloudflareIpRanges.ipv6]
      : anywhere;
  const ports = spec.tls ? ["80", "443"] : ["80"];
  return {
    dropletIds: [dropletId],
    inboundRules: [
      { protocol: "tcp", portRange: "22", sourceAddresses: [...spec.sshCidrs] },
      ...ports.map((portRange) => ({ protocol: "tcp", portRange, sourceAddresses: web })),
      ...(spec.privatePorts ?? []).map(({ port, cidr }) => ({
        protocol: "tcp",
        portRange: String(port),
        sourceAddresses: [cidr],
      })),
    ],
    outboundRules: [
      { protocol: "tcp", portRange: "1-65535", destinationAddresses: anywhere },
      { protocol: "udp", portRange: "1-65535", destinationAddresses: anywhere },
      { protocol: "icmp", destinationAddresses: anywhere },
    ],
  };
}
