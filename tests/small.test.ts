import { beforeAll, describe, expect, it } from "vitest";
import type { Composition } from "../report/compose";
import { census, composed, digitalocean, named } from "./composing";

const cloudflareV4 = "173.245.48.0/20";

describe("the committed small stack", () => {
  let small: Composition;
  beforeAll(async () => {
    small = await composed("small");
  });

  it("registers exactly these resources", () => {
    expect(census(small)).toEqual({
      "pulumi:pulumi:Stack": 1,
      [digitalocean("Vpc")]: 1,
      [digitalocean("SshKey")]: 1,
      [digitalocean("Droplet")]: 1,
      [digitalocean("ReservedIp")]: 1,
      [digitalocean("ReservedIpAssignment")]: 1,
      [digitalocean("Firewall")]: 1,
      [digitalocean("DatabaseCluster")]: 1,
      [digitalocean("DatabaseDb")]: 1,
      [digitalocean("DatabaseUser")]: 2,
      [digitalocean("DatabaseFirewall")]: 1,
      [digitalocean("SpacesBucket")]: 1,
      [digitalocean("SpacesKey")]: 1,
      [digitalocean("UptimeCheck")]: 2,
      [digitalocean("UptimeAlert")]: 6,
      [digitalocean("MonitorAlert")]: 10,
      "cloudflare:index/dnsRecord:DnsRecord": 1,
      "command:remote:Command": 1,
    });
  });

  it("keeps its logical names", () => {
    // A name that changes here replaces a resource of every stack that exists: add an alias instead.
    const names = small.resources
      .filter(({ type }) => !/Alert$|Stack$/.test(type))
      .map(({ name }) => name)
      .sort();
    expect(names).toEqual([
      "alarms",
      "backup",
      "backup-bucket",
      "backup-key",
      "host",
      "host-apply",
      "network",
      "network-vpc",
      "origin",
      "origin-record",
      "postgres",
      "postgres-app",
      "postgres-cluster",
      "postgres-database",
      "postgres-firewall",
      "postgres-owner",
      "uptime",
      "uptime-monitoring",
      "uptime-site",
      "vps",
      "vps-address",
      "vps-address-assignment",
      "vps-droplet",
      "vps-firewall",
      "vps-ssh-key",
    ]);
  });

  it("gives the droplet a bootstrap and the monitoring agent", () => {
    const { userData, ...inputs } = named(small, "vps-droplet").inputs;
    expect(inputs).toEqual({
      name: "drops-small",
      region: "fra1",
      size: "s-2vcpu-4gb",
      image: "debian-13-x64",
      vpcUuid: "[unknown]",
      sshKeys: ["[unknown]"],
      monitoring: true,
      backups: true,
      backupPolicy: { plan: "weekly", weekday: "SUN", hour: 0 },
      resizeDisk: false,
      gracefulShutdown: true,
    });
    expect(userData).toMatch(/^#cloud-config\n/);
    expect(userData).toContain("/usr/local/sbin/drops-host");
  });

  it("lets Cloudflare alone reach the site, and the configured networks SSH", () => {
    const rules = named(small, "vps-firewall").inputs.inboundRules as {
      portRange: string;
      sourceAddresses: string[];
    }[];
    expect(rules.map(({ portRange }) => portRange)).toEqual(["22", "80", "443"]);
    expect(rules[0]?.sourceAddresses).toEqual(["203.0.113.0/24"]);
    for (const rule of rules.slice(1)) {
      expect(rule.sourceAddresses).toHaveLength(22);
      expect(rule.sourceAddresses).toContain(cloudflareV4);
      expect(rule.sourceAddresses).not.toContain("0.0.0.0/0");
    }
  });

  it("creates a private Postgres 17 that only the droplet reaches", () => {
    expect(named(small, "postgres-cluster").inputs).toEqual({
      engine: "pg",
      version: "17",
      region: "fra1",
      size: "db-s-1vcpu-1gb",
      nodeCount: 1,
      privateNetworkUuid: "[unknown]",
      maintenanceWindows: [{ day: "sunday", hour: "03:00:00" }],
    });
    expect(named(small, "postgres-firewall").inputs).toEqual({
      clusterId: "[unknown]",
      rules: [{ type: "droplet", value: "[unknown]" }],
    });
    expect(named(small, "postgres-database").inputs.name).toBe("drops");
    expect(named(small, "postgres-owner").inputs.name).toBe("drops_owner");
    expect(named(small, "postgres-app").inputs.name).toBe("drops_app");
  });

  it("keeps dumps in a private bucket with a key of its own", () => {
    expect(named(small, "backup-bucket").inputs).toEqual({
      region: "fra1",
      acl: "private",
      versioning: { enabled: true },
      lifecycleRules: [
        {
          id: "expire-dumps",
          enabled: true,
          expiration: { days: 21 },
          noncurrentVersionExpiration: { days: 14 },
          abortIncompleteMultipartUploadDays: 2,
        },
      ],
    });
    expect(named(small, "backup-bucket").retainOnDelete).toBe(true);
    expect(named(small, "backup-key").inputs.grants).toEqual([
      { bucket: "[unknown]", permission: "readwrite" },
    ]);
  });

  it("probes the site and its monitoring from near regions", () => {
    expect(named(small, "uptime-site").inputs).toEqual({
      name: "small site",
      type: "https",
      target: "https://drops.example.com/healthz",
      regions: ["eu_west"],
      enabled: true,
    });
    expect(named(small, "uptime-monitoring").inputs.target).toBe(
      "https://drops.example.com/monitoring/healthz",
    );
  });

  it("owns only its origin's name in the zone", () => {
    expect(named(small, "origin-record").inputs).toEqual({
      zoneId: "00000000000000000000000000000000",
      name: "origin-small.example.com",
      type: "A",
      content: "[unknown]",
      ttl: 300,
      proxied: false,
    });
  });

  it("turns the document's thresholds into alarms of the provider", () => {
    const recipients = {
      emails: ["ops@example.com"],
      slacks: [{ channel: "#drops-alerts", url: "[secret]" }],
    };
    const alarm = named(small, "alarms-memory-critical-web").inputs;
    expect(alarm).toEqual({
      type: "v1/insights/droplet/memory_utilization_percent",
      compare: "GreaterThan",
      value: 90,
      window: "5m",
      enabled: true,
      entities: ["[unknown]"],
      description: alarm.description,
      alerts: recipients,
    });
    expect(alarm.description).toContain("docs/runbooks/memory.md");
    expect(named(small, "alarms-cpu-warning-postgres").inputs).toMatchObject({
      type: "v1/dbaas/alerts/cpu_alerts",
      value: 70,
      window: "10m",
    });
    expect(named(small, "alarms-response-time-critical-web").inputs).toMatchObject({
      type: "latency",
      comparison: "greater_than",
      threshold: 2000,
      period: "5m",
    });
    expect(named(small, "alarms-uptime-critical-web-down").inputs).toMatchObject({
      type: "down",
      period: "2m",
    });
    expect(named(small, "alarms-uptime-critical-web-down-global").inputs.type).toBe("down_global");
    expect(named(small, "alarms-certificate-expiry-warning-web").inputs).toMatchObject({
      type: "ssl_expiry",
      comparison: "less_than",
      threshold: 21,
    });
  });

  it("guards data and address, and nothing that can be built again", () => {
    const guarded = small.resources.filter(({ protect }) => protect).map(({ name }) => name);
    expect(guarded.sort()).toEqual([
      "backup-bucket",
      "postgres-app",
      "postgres-cluster",
      "postgres-database",
      "postgres-owner",
      "vps-address",
    ]);
  });

  it("passes secrets to the host on standard input and nowhere else", () => {
    const { inputs } = named(small, "host-apply");
    expect(inputs.create).toBe("sudo /usr/local/sbin/drops-host apply");
    expect(inputs.stdin).toMatch(/^\[(secret|unknown)\]$/);
    expect(inputs.environment).toBeUndefined();
    // A rebuilt server has the same address: only its identity says that it is empty.
    expect(inputs.triggers).toEqual(["[unknown]"]);
  });
});

describe("a small stack of another configuration", () => {
  it("drops its guards when protection is off", async () => {
    const { resources } = await composed("small", ["protection=off"]);
    expect(resources.filter(({ protect }) => protect)).toEqual([]);
  });

  it("opens the site to all where no CDN stands before it", async () => {
    const direct = await composed("small", [], ["drops:cloudflare"]);
    const rules = named(direct, "vps-firewall").inputs.inboundRules as {
      portRange: string;
      sourceAddresses: string[];
    }[];
    expect(rules[2]?.sourceAddresses).toEqual(["0.0.0.0/0", "::/0"]);
    expect(direct.resources.some(({ type }) => type.startsWith("cloudflare:"))).toBe(false);
    expect(named(direct, "uptime-site").inputs.type).toBe("https");
  });

  it("serves plain HTTP on its address without a domain, and watches no certificate", async () => {
    const bare = await composed("small", [], ["drops:cloudflare", "drops:domain"]);
    expect(named(bare, "uptime-site").inputs).toMatchObject({ type: "http", target: "[unknown]" });
    expect(bare.composed.planning.alarms.map(({ rule }) => rule)).not.toContain(
      "certificate-expiry",
    );
  });

  it("watches a managed Valkey by the provider", async () => {
    const valkey = await composed("small", ["redis.provider=digitalocean"]);
    expect(named(valkey, "redis-cluster").inputs).toMatchObject({
      engine: "valkey",
      version: "8",
      evictionPolicy: "allkeys_lru",
    });
    expect(named(valkey, "alarms-memory-critical-redis").inputs.type).toBe(
      "v1/dbaas/alerts/memory_utilization_alerts",
    );
  });

  it("has no database resource with an external Postgres, and says what it cannot watch", async () => {
    const external = await composed("small", [
      "postgres.provider=external",
      "postgres.connectionLimit=60",
      "postgres.url=postgresql://app:hunter2@db.example.com/drops",
    ]);
    expect(external.resources.some(({ name }) => name.startsWith("postgres"))).toBe(false);
    expect(
      external.composed.planning.uncovered.map(({ rule, severity }) => `${rule} ${severity}`),
    ).toEqual(["memory critical", "memory warning", "cpu warning"]);
    expect(JSON.stringify(external.resources)).not.toContain("hunter2");
  });

  it("rebuilds the server only when told to", async () => {
    const droplet = named(await composed("small", ["vps.rebuild=2"]), "vps-droplet");
    expect(droplet.ignoreChanges).toEqual(["userData", "sshKeys"]);
    expect(droplet.replacementTrigger).toBe(2);
  });
});
