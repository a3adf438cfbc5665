import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { renderUserData } from "./bootstrap";
import { hostFile } from "./files";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUk ops@example.com";
const args = { user: "drops", sshPublicKeys: [key] };

interface CloudConfig {
  readonly users: readonly Record<string, unknown>[];
  readonly write_files: readonly { path: string; permissions: string; content: string }[];
  readonly runcmd: unknown;
  readonly ssh_pwauth: boolean;
  readonly disable_root: boolean;
}
const config = parse(renderUserData(args)) as CloudConfig;
const fileOf = (path: string) => config.write_files.find((file) => file.path === path)!;

describe("renderUserData", () => {
  it("is a cloud-config within DigitalOcean's 64 KiB, with room", () => {
    const text = renderUserData(args);
    expect(text.startsWith("#cloud-config\n")).toBe(true);
    expect(Buffer.byteLength(text)).toBeLessThan(32 * 1024);
  });

  it("refuses more than 64 KiB", () => {
    const many = Array.from({ length: 2_000 }, () => key);
    expect(() => renderUserData({ user: "drops", sshPublicKeys: many })).toThrow(
      /at most 65536 bytes, got \d+/,
    );
  });

  it.each([
    [{ user: "root", sshPublicKeys: [key] }, "other than root"],
    [{ user: "a b", sshPublicKeys: [key] }, "plain login"],
    [{ user: "drops", sshPublicKeys: [] }, "at least one SSH public key"],
    [{ user: "drops", sshPublicKeys: ["not a key"] }, "one line of authorized_keys"],
    [{ user: "drops", sshPublicKeys: [`${key}\nrestrict`] }, "one line of authorized_keys"],
  ])("refuses %j", (bad, message) => {
    expect(() => renderUserData(bad)).toThrow(message);
  });

  it("lets in one user, by key, who may become root for drops-host alone", () => {
    expect(config.users).toEqual([
      {
        name: "drops",
        gecos: "Drops operator",
        shell: "/bin/bash",
        groups: ["adm", "systemd-journal"],
        lock_passwd: true,
        sudo: "ALL=(root) NOPASSWD: /usr/local/sbin/drops-host",
        ssh_authorized_keys: [key],
      },
    ]);
    expect([config.ssh_pwauth, config.disable_root]).toEqual([false, true]);
    const ssh = fileOf("/etc/ssh/sshd_config.d/10-drops.conf").content;
    for (const line of ["PermitRootLogin no", "PasswordAuthentication no", "AllowUsers drops"]) {
      expect(ssh.split("\n")).toContain(line);
    }
  });

  it("carries the programs byte for byte", () => {
    expect(fileOf("/usr/local/sbin/drops-host").content).toBe(hostFile("drops-host"));
    expect(fileOf("/usr/local/sbin/drops-host").permissions).toBe("0755");
    expect(fileOf("/usr/local/sbin/drops-bootstrap").content).toBe(hostFile("bootstrap.sh"));
    expect(config.runcmd).toEqual([["/usr/local/sbin/drops-bootstrap"]]);
  });

  it("waits for apt's locks and fails aloud", () => {
    const script = hostFile("bootstrap.sh");
    expect(script).toContain("set -euo pipefail");
    expect(script).toContain("DPkg::Lock::Timeout=300");
    expect(script).toContain("bootstrap-failed");
  });
});
