import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { diffInputs } from "../cloud/diff";
import type { CloudResource } from "../contracts";
import { digitalocean } from "../digitalocean";
import { keyDataOf } from "../digitalocean/sshKey";
import { TestCloud } from "../digitalocean/testing/testCloud";
import { newSshKeys } from "../lifecycle/stackConfig";
import { command } from ".";
import { publicKeyData } from "./sshKeys";

const keys = newSshKeys();
const userData = (more: object = {}): string =>
  `#cloud-config\n${stringify({ users: [{ name: "drops", ssh_authorized_keys: [keys.publicKey] }], ...more })}`;

let cloud: TestCloud;
let droplet: CloudResource;
let address: string;
beforeEach(async () => {
  cloud = new TestCloud([digitalocean, command]);
  droplet = await cloud.create("Droplet", "d", {
    ...{ name: "web", region: "fra1", size: "s-2vcpu-4gb", image: "debian-13-x64" },
    userData: userData(),
  });
  address = (await cloud.create("ReservedIp", "ip", { region: "fra1" })).id;
  await cloud.create("ReservedIpAssignment", "a", { ipAddress: address, dropletId: droplet.id });
});
afterEach(() => {
  cloud.close();
});

const to = (change: object = {}) => ({
  connection: { host: address, user: "drops", privateKey: keys.privateKey, ...change },
});
const run = async (inputs: object) =>
  await cloud.create("Command", "c", { create: "sudo apply", ...to(), ...inputs });
const runs = () => cloud.calls.filter(([name]) => name === "hosts.run").map(([, args]) => args);

describe("Command", () => {
  it("runs on the server behind the address, with its standard input", async () => {
    cloud.result = { status: 0, stdout: "done\n\n", stderr: "careful\n" };
    const made = await run({ stdin: "{}", environment: { LANG: "C.UTF-8" } });
    expect(runs()).toEqual([
      {
        ...{ id: droplet.id, user: "drops", command: "sudo apply", stdin: "{}" },
        environment: { LANG: "C.UTF-8" },
      },
    ]);
    expect(made.outputs).toEqual({ stdout: "done\n", stderr: "careful" });
    // The droplet's own address leads there as well.
    await run(to({ host: droplet.outputs["ipv4Address"] }));
    expect(runs()).toHaveLength(2);
  });

  it("runs again when changed, another command where one is given, and one at the end", async () => {
    const made = await run({});
    const changed = await cloud.update(made, { stdin: "new" });
    const other = await cloud.update(changed, { update: "refresh", delete: "remove" });
    await cloud.delete(other);
    const commands = runs().map((args) => (args as { command: string }).command);
    expect(commands).toEqual(["sudo apply", "sudo apply", "refresh", "remove"]);
    const kind = cloud.kind("Command");
    expect(diffInputs(kind, { triggers: [1] }, { triggers: [2] })[0]?.replace).toBe(true);
    expect(diffInputs(kind, { stdin: "a" }, { stdin: "b" })[0]?.replace).toBe(false);
  });

  it("does nothing without a command", async () => {
    await cloud.delete(await cloud.create("Command", "c", to()));
    expect(runs()).toEqual([]);
  });

  it("fails with what the command said, and leaves nothing behind", async () => {
    cloud.result = { status: 3, stdout: "out\n", stderr: "no such release\n" };
    await expect(run({ stdin: "a secret" })).rejects.toThrow(
      'Process exited with status 3: running "sudo apply":\nout\nno such release\n',
    );
    expect(cloud.world.all("command:remote:Command")).toEqual([]);
    cloud.result = { status: 0, stdout: "", stderr: "" };
    const made = await run({});
    cloud.result = { status: 1, stdout: "", stderr: "" };
    await expect(cloud.update(made, { stdin: "x" })).rejects.toThrow("status 1");
    expect(cloud.world.get(made.type, made.id)?.inputs["stdin"]).toBeUndefined();
  });

  it("is refused in a preview for what it does not take", () => {
    const inputs = { ...to({ hots: "x" }), shell: "bash" };
    expect(cloud.preview("Command", inputs)).toEqual([
      "connection.hots: command:remote:Command has no such property",
      "shell: command:remote:Command has no such property",
    ]);
  });

  it("takes no variables that the server would not", async () => {
    await expect(run({ environment: { TOKEN: "x" } })).rejects.toThrow(
      'could not set environment variable "TOKEN": ssh: setenv failed',
    );
  });
});

describe("a connection", () => {
  const unable = "ssh: handshake failed: ssh: unable to authenticate, attempted methods";
  it.each([
    [{ host: "198.18.9.9" }, "dial tcp 198.18.9.9:22: i/o timeout (no droplet has this address"],
    [{ port: 2222 }, ":2222: connect: connection refused"],
    [
      { user: "ops" },
      `${unable} [none publickey], no supported methods remain (the key is not among those of user ops)`,
    ],
    [{ privateKey: newSshKeys().privateKey }, `${unable} [none publickey]`],
    [
      { privateKey: undefined },
      `${unable} [none], no supported methods remain (the embedded cloud asks no SSH agent`,
    ],
    [{ privateKey: undefined, password: "x" }, `${unable} [none password]`],
    [
      { privateKey: "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----" },
      "ssh: no key found",
    ],
    [{ hostKey: "ssh-ed25519 AAAA" }, "ssh: host key mismatch"],
    [{ proxy: { host: "198.18.0.1" } }, "has no bastion hosts"],
  ])("does not come about: %j", async (change, message) => {
    const error: unknown = await run(to(change)).catch((reason: unknown) => reason);
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain("c2VjcmV0");
    expect(runs()).toEqual([]);
  });

  it("needs a firewall that lets somebody in", async () => {
    const rules = (portRange: string) => ({
      inboundRules: [{ protocol: "tcp", portRange, sourceAddresses: ["203.0.113.7"] }],
    });
    const firewall = await cloud.create("Firewall", "fw", {
      dropletIds: [Number(droplet.id)],
      ...rules("443"),
    });
    await expect(run({})).rejects.toThrow("the droplet's firewall admits nobody to port 22");
    await cloud.update(firewall, rules("22"));
    await run({});
  });

  it("needs an assignment that stands", async () => {
    const [assignment] = cloud.world.all(
      "digitalocean:index/reservedIpAssignment:ReservedIpAssignment",
    );
    await cloud.delete(assignment!);
    await expect(run({})).rejects.toThrow("no droplet has this address");
  });

  it.each([
    ["", undefined],
    ["disable_root: true\n", "not among those of user root"],
  ])("as root takes the account's keys: %j", async (more, problem) => {
    const key = await cloud.create("SshKey", "k", { publicKey: keys.publicKey });
    const second = await cloud.create("Droplet", "second", {
      ...{ name: "b", region: "fra1", size: "s-2vcpu-4gb", image: "debian-13-x64" },
      ...{ userData: `#cloud-config\n${more}users: []\n`, sshKeys: [key.outputs["fingerprint"]] },
    });
    const attempt = run(to({ host: second.outputs["ipv4Address"], user: undefined }));
    if (problem === undefined) await attempt;
    else await expect(attempt).rejects.toThrow(problem);
  });
});

describe("publicKeyData", () => {
  const part = (bytes: Buffer | string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(bytes));
    return Buffer.concat([length, Buffer.from(bytes as string)]);
  };

  it("is the second word of the public key's line", () => {
    expect(publicKeyData(keys.privateKey)).toBe(keyDataOf(keys.publicKey));
  });

  it("knows RSA and elliptic curves", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 1_024 }).privateKey;
    const pem = rsa.export({ format: "pem", type: "pkcs1" }).toString();
    const bytes = Buffer.from(publicKeyData(pem), "base64");
    expect(bytes.toString("latin1", 4, 11)).toBe("ssh-rsa");
    // 3-byte exponent, then a modulus with a leading zero.
    expect([...bytes.subarray(11, 15), ...bytes.subarray(18, 23)]).toEqual([
      0, 0, 0, 3, 0, 0, 0, 129, 0,
    ]);
    const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const data = publicKeyData(curve.export({ format: "pem", type: "sec1" }).toString());
    expect(Buffer.from(data, "base64")).toHaveLength(104);
  });

  it("reads OpenSSH's own format, which keeps the public key in plain", () => {
    const blob = Buffer.from(keyDataOf(keys.publicKey), "base64");
    const count = Buffer.from([0, 0, 0, 1]);
    const body = Buffer.concat([
      ...[Buffer.from("openssh-key-v1\0"), part("none"), part("none"), part("")],
      ...[count, part(blob), part("the private half")],
    ]).toString("base64");
    const pem = (text: string) =>
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${text}\n-----END OPENSSH PRIVATE KEY-----\n`;
    expect(publicKeyData(pem(body))).toBe(keyDataOf(keys.publicKey));
    expect(() => publicKeyData(pem("AAAA"))).toThrow("ssh: no key found");
  });

  it("says that a key is locked, and nothing of the key", () => {
    const locked = generateKeyPairSync("ed25519").privateKey.export({
      ...{ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "open" },
    });
    expect(() => publicKeyData(locked.toString())).toThrow("passphrase protected");
    expect(publicKeyData(locked.toString(), "open")).toMatch(/^AAAAC3NzaC1lZDI1NTE5/);
  });
});
