import { stringify } from "yaml";
import { userDataMaxBytes } from "../prices/digitalocean";
import { hostFile } from "./files";
import { bootstrapPackages } from "./packages";
import type { HostRole } from "./types";

/**
 * The droplet's cloud-config. User data can never be changed without replacing the machine, so it
 * holds only what lets a bundle in: a user, SSH, packages, `drops-host`.
 */
export function renderUserData(args: {
  /** Who comes in over SSH; may run `drops-host` as root and read the logs. */
  readonly user: string;
  /** Lines as in `authorized_keys`; at least one, or nobody could come in. */
  readonly sshPublicKeys: readonly string[];
  /** What the host will be, which says what is installed at once. @default "app" */
  readonly role?: HostRole;
}): string {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(args.user) || args.user === "root") {
    throw new RangeError(
      `user data: user must be a plain login other than root, got "${args.user}"`,
    );
  }
  if (args.sshPublicKeys.length === 0) {
    throw new RangeError("user data: at least one SSH public key, or nobody could log in");
  }
  for (const key of args.sshPublicKeys) {
    if (!/^(ssh-|ecdsa-|sk-)\S+ \S+( [^\n]*)?$/.test(key)) {
      throw new RangeError("user data: an SSH public key must be one line of authorized_keys");
    }
  }
  const config = {
    users: [
      {
        name: args.user,
        gecos: "Drops operator",
        shell: "/bin/bash",
        groups: ["adm", "systemd-journal"],
        lock_passwd: true,
        // Whoever may apply a bundle could do anything: this guards against slips, not against them.
        sudo: "ALL=(root) NOPASSWD: /usr/local/sbin/drops-host",
        ssh_authorized_keys: args.sshPublicKeys,
      },
    ],
    disable_root: true,
    ssh_pwauth: false,
    write_files: [
      file("/etc/ssh/sshd_config.d/10-drops.conf", sshConfig(args.user)),
      file("/etc/fail2ban/jail.d/drops.local", jail()),
      file("/etc/apt/apt.conf.d/52drops", aptConfig()),
      file("/var/lib/drops/bootstrap-packages", packageList(args.role)),
      file("/usr/local/sbin/drops-bootstrap", hostFile("bootstrap.sh"), "0700"),
      file("/usr/local/sbin/drops-host", hostFile("drops-host"), "0755"),
    ],
    runcmd: [["/usr/local/sbin/drops-bootstrap"]],
  };
  const text = `#cloud-config\n${stringify(config, { lineWidth: 0, aliasDuplicateObjects: false })}`;
  const size = Buffer.byteLength(text);
  if (size > userDataMaxBytes) {
    throw new RangeError(`user data: at most ${userDataMaxBytes} bytes, got ${size}`);
  }
  return text;
}

function packageList(role: HostRole = "app"): string {
  return bootstrapPackages(role)
    .map((name) => `${name}\n`)
    .join("");
}

function file(path: string, content: string, permissions = "0644"): object {
  return { path, permissions, owner: "root:root", content };
}

function sshConfig(user: string): string {
  return `# Read before the image's own files: the first value wins.
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthenticationMethods publickey
AllowUsers ${user}
X11Forwarding no
AllowAgentForwarding no
MaxAuthTries 6
LoginGraceTime 30
`;
}

function jail(): string {
  return `# Debian writes no /var/log/auth.log any more: the journal is the source.
[sshd]
enabled = true
backend = systemd
maxretry = 20
findtime = 10m
bantime = 1h
`;
}

function aptConfig(): string {
  return `// Security updates by themselves, every day; configuration files of ours stay as they are.
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
APT::Periodic::AutocleanInterval "7";
Unattended-Upgrade::Automatic-Reboot "false";
Dpkg::Options { "--force-confdef"; "--force-confold"; };
`;
}
