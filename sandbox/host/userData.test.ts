import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { userData } from "./testing/sampleHost";
import { mayRun, readUserData } from "./userData";

interface Config {
  users: { sudo?: unknown; ssh_authorized_keys?: string[] }[];
  write_files: { path: string; permissions: string; encoding?: string }[];
}

/** The toolkit's own user data with something different. */
function changed(change: (config: Config) => void): string {
  const config = parse(userData) as Config;
  change(config);
  return `#cloud-config\n${stringify(config)}`;
}

describe("user data", () => {
  it("of the toolkit makes a host", () => {
    const boot = readUserData(userData);
    expect(boot.user).toBe("drops");
    expect(mayRun(boot, "/usr/local/sbin/drops-host")).toBe(true);
    expect(mayRun(boot, "/usr/sbin/reboot")).toBe(false);
    expect(boot.files.map(({ path }) => path)).toContain("/etc/ssh/sshd_config.d/10-drops.conf");
    expect(boot.files.find(({ path }) => path === "/usr/local/sbin/drops-bootstrap")?.mode).toBe(
      0o700,
    );
  });

  it.each<[string, string, string]>([
    ["a script", "#!/bin/sh\n", 'must be a cloud-config, whose first line is "#cloud-config"'],
    ["no YAML", "#cloud-config\nusers: [\n", "is not YAML"],
    ["no users", "#cloud-config\nwrite_files: []\n", "users:"],
    [
      "nobody who could log in",
      changed(({ users }) => delete users[0]!.ssh_authorized_keys),
      "users needs one with ssh_authorized_keys",
    ],
    [
      "no drops-host",
      changed((config) => {
        config.write_files = config.write_files.filter(({ path }) => !path.endsWith("drops-host"));
      }),
      "write_files needs /usr/local/sbin/drops-host",
    ],
    [
      "a way out of the host",
      changed(({ write_files }) => (write_files[0]!.path = "/etc/../../../tmp/x")),
      "write_files.0.path: must be a plain absolute path",
    ],
    [
      "a mode that is none",
      changed(({ write_files }) => (write_files[0]!.permissions = "rw")),
      "write_files.0.permissions: must be octal",
    ],
    [
      "text that is packed",
      changed(({ write_files }) => (write_files[0]!.encoding = "b64")),
      "write_files.0.encoding: plain text alone",
    ],
  ])("with %s makes none, and says why", (_, text, message) => {
    expect(() => readUserData(text)).toThrow(`user data: `);
    expect(() => readUserData(text)).toThrow(message);
  });

  it.each<[unknown, boolean]>([
    [["ALL=(ALL) NOPASSWD:ALL"], true],
    ["ALL=(ALL:ALL) NOPASSWD: /usr/bin/id, /usr/local/sbin/drops-host", true],
    ["ALL=(root) /usr/local/sbin/drops-host", false],
    ["ALL=(root) NOPASSWD: /usr/bin/id", false],
    [null, false],
    [undefined, false],
  ])("with the sudo rule %j lets drops-host run as root: %s", (sudo, allowed) => {
    const boot = readUserData(changed(({ users }) => (users[0]!.sudo = sudo)));
    expect(mayRun(boot, "/usr/local/sbin/drops-host")).toBe(allowed);
  });
});
