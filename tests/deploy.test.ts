import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { record, type Answer, type Recording } from "../report/compose";
import { projectRoot, readStackFile, withSetting, type StackConfig } from "../report/stackFile";
import { ConfigProblems } from "../settings/problems";
import { program } from "../stacks/program";

/** The committed stack with every example replaced: what a real deploy begins with. */
const replaced = [
  "domain=drops.shop.io",
  "cloudflare.zone=shop.io",
  "cloudflare.zoneId=0123456789abcdef0123456789abcdef",
  "cloudflare.acmeToken=hunter2-acme",
  "ssh.publicKey=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB me",
  "ssh.cidrs[0]=8.8.4.4/32",
  "alerts.emails[0]=ops@shop.io",
  "alerts.slack.url=https://hooks.slack.com/services/hunter2",
];
const configured = (settings: readonly string[] = []): StackConfig =>
  [...replaced, ...settings].reduce(withSetting, readStackFile("small"));

/** Ids and outputs as a provider might give them; the secrets can be searched for. */
const answer: Answer = (type, name) => ({
  id: String(1_000 + name.length),
  outputs: {
    ...(type.endsWith(":ReservedIp") && { ipAddress: "203.0.113.10" }),
    ...(type.endsWith(":SshKey") && { fingerprint: "aa:bb" }),
    ...(type.endsWith(":DatabaseCluster") && {
      privateHost: "db.internal",
      port: 25_060,
      user: "doadmin",
      password: "hunter2-admin",
      privateUri: "rediss://hunter2-uri",
    }),
    ...(type.endsWith(":DatabaseUser") && { password: `hunter2-${name}` }),
    ...(type.endsWith(":SpacesBucket") && { name: "backup-bucket-1234567" }),
    ...(type.endsWith(":SpacesKey") && { accessKey: "AK", secretKey: "hunter2-secret" }),
  },
});

type Deployed = Recording<unknown, { readonly outputs: object }>;
const deploy = (settings: readonly string[] = []): Promise<Deployed> =>
  record("small", configured(settings), program, answer);
const find = ({ resources }: Deployed, name: string) => {
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`nothing is named ${name}`);
  return found;
};
const urnsOf = (deployed: Deployed, ...names: string[]): string[] =>
  names.map((name) => find(deployed, name).urn);

describe("a deploy", () => {
  let deployed: Deployed;
  beforeAll(async () => {
    deployed = await deploy();
  });

  it("of example values is refused, where a preview goes on", async () => {
    const examples = readStackFile("small");
    await expect(record("small", examples, program, answer)).rejects.toThrow(ConfigProblems);
    expect((await record("small", examples, program)).resources.length).toBeGreaterThan(40);
  });

  it("keeps every secret a secret", () => {
    const shown = JSON.stringify([deployed.resources, deployed.outputs]);
    expect(shown.includes("hunter2")).toBe(false);
    expect(find(deployed, "host-apply").inputs.stdin).toBe("[secret]");
    expect(deployed.outputs.admin).toBe("[secret]");
    expect(find(deployed, "alarms-cpu-warning-web").inputs.alerts).toMatchObject({
      slacks: [{ url: "[secret]" }],
    });
  });

  it("keeps an external database's URL a secret", async () => {
    const external = await deploy([
      "postgres.provider=external",
      "postgres.connectionLimit=60",
      "postgres.url=postgresql://app:hunter2@db.shop.io/drops",
      "redis.provider=external",
      "redis.url=rediss://default:hunter2@cache.shop.io:6379",
      "ssh.privateKey=-----BEGIN OPENSSH PRIVATE KEY-----hunter2",
    ]);
    expect(JSON.stringify([external.resources, external.outputs]).includes("hunter2")).toBe(false);
  });

  it("configures the host once it can be reached and may reach the database", () => {
    expect(find(deployed, "host-apply").dependsOn).toEqual(
      expect.arrayContaining(
        urnsOf(
          deployed,
          "vps-address-assignment",
          "vps-firewall",
          "postgres-database",
          "postgres-owner",
          "postgres-app",
          "postgres-firewall",
        ),
      ),
    );
  });

  it("frees the address before it gives it to a new server", () => {
    // The other way round the new server would lose it.
    expect(find(deployed, "vps-address-assignment").deleteBeforeReplace).toBe(true);
  });

  it("ties the host's configuration to the machine, and the database to the droplet", () => {
    const droplet = String(1_000 + "vps-droplet".length);
    expect(find(deployed, "host-apply").inputs.triggers).toEqual([droplet]);
    expect(find(deployed, "postgres-firewall").inputs.rules).toEqual([
      { type: "droplet", value: droplet },
    ]);
    expect(find(deployed, "vps-firewall").inputs.dropletIds).toEqual([Number(droplet)]);
    expect(find(deployed, "origin-record").inputs.content).toBe("203.0.113.10");
    expect(deployed.outputs).toMatchObject({
      access: "drops@203.0.113.10",
      publicUrl: "https://drops.shop.io",
      originName: "origin-small.shop.io",
    });
  });

  it("adds no key that the account has already", async () => {
    const print = "3b:16:bf:e4:8b:00:8b:b8:59:8c:a9:d3:f0:19:45:fa";
    const second = await deploy([`ssh.existingFingerprint=${print}`]);
    expect(second.resources.some(({ name }) => name === "vps-ssh-key")).toBe(false);
    expect(find(second, "vps-droplet").inputs.sshKeys).toEqual([print]);
  });
});

describe("the engine's entry", () => {
  /** Loads program.cjs as the engine does, and runs what it exports. */
  function run(config: Record<string, string>) {
    const script = `
      const runtime = require("@pulumi/pulumi/runtime");
      const newResource = ({ inputs }) => ({ id: "1", state: inputs });
      const call = ({ inputs }) => ({ ...inputs, certificate: "" });
      runtime.setMocks({ newResource, call }, "drops", "small", false);
      runtime.setAllConfig(JSON.parse(process.env.TEST_CONFIG), ["drops:cloudflare", "drops:alerts"]);
      const fail = (error) => {
        const { message, stack } = error;
        console.log(JSON.stringify({ message, stack, kind: error.constructor.name }));
      };
      try { require("./program.cjs")().then((out) => console.log(Object.keys(out).join()), fail); }
      catch (error) { fail(error); }`;
    return spawnSync(process.execPath, ["-e", script], {
      cwd: projectRoot,
      encoding: "utf8",
      env: { ...process.env, TEST_CONFIG: JSON.stringify(config) },
    });
  }

  it("composes a stack that may be deployed", () => {
    const { stdout, status } = run({ ...configured().values });
    expect(status).toBe(0);
    expect(stdout).toContain("tier,publicUrl,origin,originName,edgeOrigin,access");
  });

  it("refuses a mistake with a message alone", () => {
    const { stdout } = run({ ...readStackFile("small").values, "drops:region": "mars" });
    const error = JSON.parse(stdout) as { message: string };
    // Not even a stack: printing one takes the SDK gigabytes.
    expect(error).toMatchObject({ kind: "RunError", stack: "" });
    expect(error.message).toContain('drops:region: got "mars"');
  });

  it("stands where the engine looks for it", async () => {
    const { main } = (await import(join(projectRoot, "package.json"))) as { main: string };
    expect(main).toBe("program.cjs");
  });
});
