import { output } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { planAlarms } from "./alarms/plan";
import { DigitalOceanAlarms } from "./alarms/digitalocean";
import { hostTarget } from "./alarms/hostSignals";
import { UptimeChecks } from "./alarms/uptimeChecks";
import { BackupBucket } from "./backup/spacesBucket";
import { HostProbe } from "./compute/hostProbe";
import { HostRelease } from "./compute/hostRelease";
import { Vps } from "./compute/vps";
import { DigitalOceanVpc } from "./network/digitaloceanVpc";
import { OriginRecord } from "./network/originRecord";
import { DigitalOceanPostgres } from "./postgres/digitalocean";
import { DigitalOceanReplica } from "./postgres/digitaloceanReplica";
import { externalPostgres } from "./postgres/external";
import { DigitalOceanValkey } from "./redis/digitalocean";
import { externalRedis } from "./redis/external";
import { GeneratedSecret } from "./secrets/generatedSecret";
import { record, type RegisteredResource } from "../report/compose";
import { editedRules } from "../tiers/thresholds";

async function registered(body: () => void): Promise<readonly RegisteredResource[]> {
  const program = {
    prepare: () => undefined,
    compose: () => {
      body();
      return { outputs: {} };
    },
  };
  return (await record("test", { values: {}, secretKeys: [] }, program)).resources;
}

const vpsSpec = {
  role: "app",
  hostName: "drops-test",
  region: "fra1",
  size: "s-2vcpu-4gb",
  image: "debian-13-x64",
  backups: "daily",
  rebuild: 1,
  user: "drops",
  sshPublicKey: "ssh-ed25519 AAAA",
  sshCidrs: ["203.0.113.0/24"],
  webFrom: "anyone",
  tls: true,
  protect: false,
} as const;
const access = { host: "192.0.2.1", machineId: "1", user: "drops" };
const data = { region: "fra1", size: "db-s-1vcpu-1gb", nodeCount: 1, protect: false };
const recipients = { emails: ["ops@example.com"], slackChannel: "#ops", webhook: false };
const { alarms } = planAlarms({
  rules: editedRules({}),
  targets: [hostTarget(true)],
  recipients,
});

/** Each component with every child overridden, and what that must come to by child. */
const components: Record<string, [() => void, Record<string, object>]> = {
  DigitalOceanVpc: [
    () =>
      new DigitalOceanVpc("c", {
        spec: { region: "fra1", cidr: "10.110.0.0/20" },
        overrides: { vpc: { description: "ours" } },
      }),
    { "c-vpc": { description: "ours", ipRange: "10.110.0.0/20" } },
  ],
  Vps: [
    () =>
      new Vps("c", {
        spec: vpsSpec,
        vpcId: "vpc",
        overrides: {
          sshKey: { name: "ours" },
          droplet: (args) => ({ ...args, tags: ["ours"] }),
          reservedIp: { region: "ams3" },
          assignment: { ipAddress: "192.0.2.9" },
          firewall: { tags: ["ours"] },
        },
      }),
    {
      "c-ssh-key": { name: "ours", publicKey: "ssh-ed25519 AAAA" },
      "c-droplet": { tags: ["ours"], size: "s-2vcpu-4gb" },
      "c-address": { region: "ams3" },
      "c-address-assignment": { ipAddress: "192.0.2.9" },
      "c-firewall": { tags: ["ours"] },
    },
  ],
  HostRelease: [
    () =>
      new HostRelease("c", {
        bundle: { version: "1", files: [] },
        secrets: {},
        access,
        overrides: { apply: { logging: "none" } },
      }),
    { "c-apply": { logging: "none" } },
  ],
  DigitalOceanPostgres: [
    () =>
      new DigitalOceanPostgres("c", {
        spec: {
          ...data,
          edition: "standard",
          major: 17,
          connectionLimit: { limit: 22, verified: true },
          readReplicas: 0,
          pool: { mode: "transaction", size: 10 },
          maintenance: { day: "sunday", hourUtc: 3 },
        },
        vpcId: "vpc",
        trusted: { dropletIds: [1] },
        overrides: {
          cluster: { tags: ["ours"] },
          database: { name: "other" },
          owner: { name: "other_owner" },
          app: { name: "other_app" },
          firewall: (args) => ({ ...args, rules: [] }),
          pool: { size: 11 },
        },
      }),
    {
      "c-cluster": { tags: ["ours"], engine: "pg" },
      "c-database": { name: "other" },
      "c-owner": { name: "other_owner" },
      "c-app": { name: "other_app" },
      "c-firewall": { rules: [] },
      "c-pool": { size: 11, mode: "transaction" },
    },
  ],
  DigitalOceanReplica: [
    () =>
      new DigitalOceanReplica("c", {
        spec: {
          number: 2,
          region: "fra1",
          size: "db-s-2vcpu-4gb",
          connectionLimit: { limit: 97, verified: true },
        },
        primary: {
          entity: output("id"),
          appLogin: { user: output("drops_app"), password: output("hunter2") },
        },
        vpcId: "vpc",
        trusted: { cidrs: ["10.120.0.0/20"] },
        overrides: { node: { tags: ["ours"] }, firewall: { rules: [] } },
      }),
    { "c-node": { tags: ["ours"], name: "replica-2" }, "c-firewall": { rules: [] } },
  ],
  DigitalOceanValkey: [
    () =>
      new DigitalOceanValkey("c", {
        spec: data,
        vpcId: "vpc",
        trusted: { dropletIds: [1] },
        overrides: { cluster: { tags: ["ours"] }, firewall: { rules: [] } },
      }),
    { "c-cluster": { tags: ["ours"], engine: "valkey" }, "c-firewall": { rules: [] } },
  ],
  BackupBucket: [
    () =>
      new BackupBucket("c", {
        spec: { region: "fra1", retentionDays: 14, protect: false },
        overrides: { bucket: { forceDestroy: true }, key: { name: "ours" } },
      }),
    { "c-bucket": { forceDestroy: true, acl: "private" }, "c-key": { name: "ours" } },
  ],
  OriginRecord: [
    () =>
      new OriginRecord("c", {
        spec: { zoneId: "z", name: "origin-test.example.com" },
        target: { ipv4: "192.0.2.1" },
        overrides: { record: { comment: "ours" } },
      }),
    { "c-record": { comment: "ours", type: "A" } },
  ],
  HostProbe: [
    () =>
      new HostProbe("c", {
        access,
        url: "https://example.com/healthz",
        overrides: { probe: { logging: "none" } },
      }),
    { "c-set": { logging: "none", stdin: "https://example.com/healthz" } },
  ],
  GeneratedSecret: [
    () => new GeneratedSecret("c", { overrides: { value: { minNumeric: 2 } } }),
    { "c-value": { minNumeric: 2, length: 40, special: false } },
  ],
  UptimeChecks: [
    () =>
      new UptimeChecks("c", {
        checks: [{ id: "site", title: "site", type: "https" }],
        targets: { site: "https://example.com" },
        regions: ["eu_west"],
        overrides: { check: { enabled: false } },
      }),
    { "c-site": { enabled: false, type: "https" } },
  ],
  DigitalOceanAlarms: [
    () =>
      new DigitalOceanAlarms("c", {
        alarms,
        recipients,
        slackUrl: "https://hooks.slack.com/x",
        entities: { web: "1" },
        checks: { site: "s", monitoring: "m" },
        overrides: { monitorAlert: { enabled: false }, uptimeAlert: { period: "30m" } },
      }),
    Object.fromEntries([
      ...["memory-critical", "memory-warning", "cpu-warning", "disk-critical", "disk-warning"].map(
        (id) => [`c-${id}-web`, { enabled: false }],
      ),
      ...[
        "response-time-critical-web",
        "uptime-critical-web-down",
        "uptime-critical-web-down-global",
        "certificate-expiry-critical-web",
        "certificate-expiry-warning-web",
        "monitoring-critical-web",
      ].map((id) => [`c-${id}`, { period: "30m" }]),
    ]) as Record<string, object>,
  ],
};

describe("every child of a component can be overridden", () => {
  it.each(Object.entries(components))("%s", async (_, [create, wanted]) => {
    const children = (await registered(create)).filter(
      ({ type }) => !/^(drops|pulumi):/.test(type),
    );
    expect(children.map(({ name }) => name).sort()).toEqual(Object.keys(wanted).sort());
    for (const child of children) {
      expect(child.inputs, child.name).toMatchObject(wanted[child.name] ?? {});
    }
  });
});

describe("a secret given in plain", () => {
  it("is a secret on its way to the host", async () => {
    const [apply] = (
      await registered(
        () =>
          new HostRelease("c", {
            bundle: { version: "1", files: [] },
            secrets: { "database-url": "postgresql://app:hunter2@db/drops" },
            access,
          }),
      )
    ).filter(({ name }) => name === "c-apply");
    expect(apply?.inputs.stdin).toBe("[secret]");
  });

  it("is a secret in the contract of an external service", async () => {
    const program = {
      prepare: () => undefined,
      compose: () => ({
        outputs: {
          postgres: externalPostgres({ url: "postgresql://a:b@c/d", connectionLimit: 60 }).appUrl,
          redis: externalRedis("redis://a:b@c").url,
        },
      }),
    };
    const { outputs } = await record("test", { values: {}, secretKeys: [] }, program);
    expect(outputs).toEqual({ postgres: "[secret]", redis: "[secret]" });
  });
});

describe("a component refuses", () => {
  it("an alarm whose window the provider does not have", async () => {
    const odd = alarms.map((alarm) => ({ ...alarm, windowSeconds: 420 }));
    const create = () =>
      new DigitalOceanAlarms("c", {
        alarms: odd,
        recipients,
        entities: { web: "1" },
        checks: { site: "s", monitoring: "m" },
      });
    let message = "";
    await registered(() => {
      try {
        create();
      } catch (error) {
        message = error instanceof Error ? error.message : "";
      }
    });
    expect(message).toContain("DigitalOcean has no window of 420 s");
  });

  it("an alarm on a target that nobody measures", async () => {
    let message = "";
    await registered(() => {
      try {
        new DigitalOceanAlarms("c", { alarms, recipients, entities: {}, checks: {} });
      } catch (error) {
        message = error instanceof Error ? error.message : "";
      }
    });
    expect(message).toMatch(/no (entity for target web|uptime check named site)/);
  });
});

describe("a daily backup", () => {
  it("has an hour and no weekday", async () => {
    const [droplet] = (
      await registered(() => new Vps("c", { spec: vpsSpec, vpcId: "vpc" }))
    ).filter(({ type }) => type.endsWith(":Droplet"));
    expect(droplet?.inputs.backupPolicy).toEqual({ plan: "daily", hour: 0 });
  });
});
