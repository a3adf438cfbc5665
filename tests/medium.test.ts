import { beforeAll, describe, expect, it } from "vitest";
import type { Composition } from "../report/compose";
import { census, composed, digitalocean, named } from "./composing";

interface Env {
  key: string;
  value: string;
  type: string;
}
interface Spec {
  name: string;
  region: string;
  services: { name: string; envs: Env[] }[];
  workers?: { name: string; envs: Env[] }[];
  jobs: { name: string; envs: Env[] }[];
  domainNames?: object[];
}
const specOf = (medium: Composition): Spec => named(medium, "app-app").inputs.spec as Spec;
/** A component's variables: the plain ones with their value, the secret ones marked. */
function variables(medium: Composition, component: string): Record<string, string> {
  const { services, workers = [], jobs } = specOf(medium);
  const found = [...services, ...workers, ...jobs].find(({ name }) => name === component);
  return Object.fromEntries(
    (found?.envs ?? []).map(({ key, value, type }) => [
      key,
      type === "SECRET" ? "(secret)" : value,
    ]),
  );
}

describe("the committed medium stack", () => {
  let medium: Composition;
  beforeAll(async () => {
    medium = await composed("medium");
  });

  it("registers exactly these resources", () => {
    expect(census(medium)).toEqual({
      "pulumi:pulumi:Stack": 1,
      [digitalocean("Vpc")]: 1,
      [digitalocean("App")]: 1,
      [digitalocean("SshKey")]: 1,
      [digitalocean("Droplet")]: 1,
      [digitalocean("ReservedIp")]: 1,
      [digitalocean("ReservedIpAssignment")]: 1,
      [digitalocean("Firewall")]: 1,
      [digitalocean("DatabaseCluster")]: 2,
      [digitalocean("DatabaseDb")]: 1,
      [digitalocean("DatabaseUser")]: 2,
      [digitalocean("DatabaseFirewall")]: 2,
      [digitalocean("SpacesBucket")]: 1,
      [digitalocean("SpacesKey")]: 1,
      [digitalocean("UptimeCheck")]: 2,
      [digitalocean("UptimeAlert")]: 6,
      [digitalocean("MonitorAlert")]: 13,
      "cloudflare:index/dnsRecord:DnsRecord": 1,
      "command:remote:Command": 2,
      "random:index/randomPassword:RandomPassword": 2,
    });
  });

  it("keeps its logical names", () => {
    // A name that changes here replaces a resource of every stack that exists: add an alias instead.
    const names = medium.resources
      .filter(({ type }) => !/Alert$|Stack$|^drops:/.test(type))
      .map(({ name }) => name)
      .sort();
    expect(names).toEqual([
      "app-app",
      "backup-bucket",
      "backup-key",
      "host-apply",
      "metrics-token-value",
      "monitoring-address",
      "monitoring-address-assignment",
      "monitoring-droplet",
      "monitoring-firewall",
      "monitoring-ssh-key",
      "network-vpc",
      "origin-record",
      "origin-secret-value",
      "postgres-app",
      "postgres-cluster",
      "postgres-database",
      "postgres-firewall",
      "postgres-owner",
      "probe-set",
      "redis-cluster",
      "redis-firewall",
      "uptime-monitoring",
      "uptime-site",
    ]);
  });

  it("creates an Advanced cluster of two nodes that the private network alone reaches", () => {
    expect(named(medium, "postgres-cluster").inputs).toEqual({
      engine: "advanced_pg",
      version: "17",
      region: "fra1",
      size: "gd-2vcpu-8gb",
      nodeCount: 2,
      privateNetworkUuid: "[unknown]",
      maintenanceWindows: [{ day: "sunday", hour: "03:00:00" }],
    });
    for (const name of ["postgres-firewall", "redis-firewall"]) {
      expect(named(medium, name).inputs.rules).toEqual([
        { type: "ip_addr", value: "10.120.0.0/20" },
      ]);
    }
    expect(named(medium, "redis-cluster").inputs).toMatchObject({
      engine: "valkey",
      version: "8",
      evictionPolicy: "allkeys_lru",
      nodeCount: 1,
    });
  });

  it("admits the private network before the app exists, and grants rights before it migrates", () => {
    const last = (urn: string): string => urn.split("::").at(-1) ?? "";
    const waitsFor = named(medium, "app-app").dependsOn.map(last);
    expect(waitsFor).toEqual(
      expect.arrayContaining(["postgres-firewall", "redis-firewall", "host-apply"]),
    );
    expect(named(medium, "host-apply").dependsOn.map(last)).toEqual(
      expect.arrayContaining(["postgres-firewall", "monitoring-firewall"]),
    );
    expect(named(medium, "probe-set").dependsOn.map(last)).toContain("host-apply");
  });

  it("gives each component what it needs and no more", () => {
    expect(variables(medium, "web")).toEqual({
      ...{ NODE_ENV: "production", DROPS_TIER: "medium", DROPS_STACK: "medium", PORT: "3000" },
      PUBLIC_URL: "https://drops.example.com",
      DATABASE_URL: "(secret)",
      DATABASE_POOL_MAX: "8",
      REDIS_MODE: "single",
      REDIS_URL: "(secret)",
      ORIGIN_SECRET: "(secret)",
      TRUST_PROXY: "false",
      VISITOR_IP_HEADER: "x-drops-visitor-ip",
      SHUTDOWN_TIMEOUT_MS: "100000",
      SHUTDOWN_DELAY_MS: "2000",
      BACKGROUND_WORK: "off",
      METRICS: "remote-write",
      METRICS_INTERVAL_MS: "15000",
      REMOTE_WRITE_URL: "[unknown]",
      REMOTE_WRITE_HEADERS: "(secret)",
    });
    expect(variables(medium, "worker")).toEqual({
      ...{ NODE_ENV: "production", DROPS_TIER: "medium", DROPS_STACK: "medium" },
      DATABASE_URL: "(secret)",
      DATABASE_POOL_MAX: "2",
      METRICS: "remote-write",
      METRICS_INTERVAL_MS: "15000",
      REMOTE_WRITE_URL: "[unknown]",
      REMOTE_WRITE_HEADERS: "(secret)",
      SHUTDOWN_TIMEOUT_MS: "100000",
    });
    expect(variables(medium, "migrate")).toEqual({
      ...{ NODE_ENV: "production", DROPS_TIER: "medium", DROPS_STACK: "medium" },
      APP_ROLE: "drops_app",
      MIGRATION_DATABASE_URL: "(secret)",
    });
  });

  it("lets anyone see that the monitoring lives, and the private network bring it metrics", () => {
    expect(named(medium, "monitoring-firewall").inputs.inboundRules).toEqual([
      { protocol: "tcp", portRange: "22", sourceAddresses: ["203.0.113.0/24"] },
      { protocol: "tcp", portRange: "80", sourceAddresses: ["0.0.0.0/0", "::/0"] },
      { protocol: "tcp", portRange: "4318", sourceAddresses: ["10.120.0.0/20"] },
    ]);
    expect(named(medium, "monitoring-droplet").inputs).toMatchObject({
      name: "drops-medium-monitoring",
      size: "s-1vcpu-2gb",
      monitoring: true,
    });
  });

  it("owns only its origin's name in the zone", () => {
    expect(named(medium, "origin-record").inputs).toEqual({
      zoneId: "00000000000000000000000000000000",
      name: "origin-medium.example.com",
      type: "AAAA",
      content: "100::",
      ttl: 300,
      proxied: false,
    });
  });

  it("watches every rule on every target", () => {
    expect(medium.composed.planning.uncovered).toEqual([]);
    const targets = new Set(medium.composed.planning.alarms.map(({ target }) => target));
    expect([...targets].sort()).toEqual(["monitoring", "postgres", "redis", "web", "worker"]);
  });

  it("asks the database itself for the limit that nobody published", () => {
    const alarm = medium.composed.planning.alarms.find(
      ({ id }) => id === "db-connections-critical-postgres",
    );
    expect(JSON.stringify(alarm?.signals)).toContain("pg_settings_max_connections");
  });

  it("guards data and address, and nothing that can be built again", () => {
    const guarded = medium.resources.filter(({ protect }) => protect).map(({ name }) => name);
    expect(guarded.sort()).toEqual([
      "backup-bucket",
      "monitoring-address",
      "postgres-app",
      "postgres-cluster",
      "postgres-database",
      "postgres-owner",
      "redis-cluster",
    ]);
  });
});

describe("a medium stack of another configuration", () => {
  it("reads from a replica, and watches how far it lags", async () => {
    const medium = await composed("medium", ["postgres.readReplicas=2"]);
    expect(named(medium, "postgres-replica-2-node").inputs).toEqual({
      clusterId: "[unknown]",
      name: "replica-2",
      region: "fra1",
      size: "gd-2vcpu-8gb",
      privateNetworkUuid: "[unknown]",
    });
    expect(variables(medium, "web").DATABASE_REPLICA_URL).toBe("(secret)");
    expect(variables(medium, "worker").DATABASE_REPLICA_URL).toBeUndefined();
    const ids = medium.composed.planning.alarms.map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining([
        "replica-lag-critical-postgres-replica-1",
        "replica-lag-warning-postgres-replica-2",
        "db-connections-critical-postgres-replica-1",
      ]),
    );
    expect(medium.composed.planning.uncovered).toEqual([]);
    expect(named(medium, "alarms-memory-critical-postgres-replica-2").inputs.type).toBe(
      "v1/dbaas/alerts/memory_utilization_alerts",
    );
  });

  it("puts a pool between the app and the database, and lets what cannot use it past it", async () => {
    const medium = await composed("medium", ["postgres.pool.mode=transaction"]);
    expect(named(medium, "postgres-pool").inputs).toMatchObject({
      name: "drops-app",
      mode: "transaction",
      size: 40,
    });
    for (const component of ["web", "worker"]) {
      expect(variables(medium, component)).toMatchObject({
        DATABASE_URL: "(secret)",
        DATABASE_POOLER_URL: "(secret)",
      });
    }
    expect(variables(medium, "migrate")).not.toHaveProperty("DATABASE_POOLER_URL");
  });

  it("takes a Standard cluster that exists since before the plan change", async () => {
    const medium = await composed("medium", [
      "postgres.edition=standard",
      "postgres.clusterSince=before-2026-11-30",
      "postgres.readReplicas=1",
      "app.maxInstances=4",
      "app.poolPerProcess=5",
    ]);
    expect(named(medium, "postgres-cluster").inputs).toMatchObject({
      engine: "pg",
      size: "db-s-2vcpu-4gb",
      nodeCount: 2,
    });
    // Its certificate is of an authority of its own.
    expect(variables(medium, "web")).toHaveProperty("DATABASE_CA");
    const alarm = medium.composed.planning.alarms.find(
      ({ id }) => id === "db-connections-critical-postgres",
    );
    expect(JSON.stringify(alarm?.signals)).toContain("/ 97");
  });

  it("serves the domain itself where no Cloudflare stands before it", async () => {
    const medium = await composed("medium", ["edge=direct"], ["drops:cloudflare"]);
    expect(specOf(medium).domainNames).toEqual([{ name: "drops.example.com", type: "PRIMARY" }]);
    expect(variables(medium, "web")).not.toHaveProperty("ORIGIN_SECRET");
    expect(variables(medium, "web").VISITOR_IP_HEADER).toBe("do-connecting-ip");
    expect(medium.resources.some(({ type }) => type.startsWith("cloudflare:"))).toBe(false);
  });

  it.each([
    ["behind Cloudflare", [], [], true],
    ["served by the platform", ["edge=direct"], ["drops:cloudflare"], false],
    ["without a domain", [], ["drops:cloudflare", "drops:domain"], false],
  ])("tells the edge where it is fetched from only %s", async (_, settings, without, told) => {
    const medium = await composed("medium", settings, without);
    // A secret that only a deploy will know shows as unknown; two empty texts are known.
    expect(medium.outputs.edgeOrigin).toBe(told ? "[unknown]" : "[secret]");
    expect(medium.resources.some(({ name }) => name === "origin-secret-value")).toBe(told);
  });

  it("gives a worker no longer to end than it has", async () => {
    const medium = await composed("medium", ["app.graceSeconds=12"]);
    expect(variables(medium, "worker").SHUTDOWN_TIMEOUT_MS).toBe("10000");
    expect(variables(medium, "web")).toMatchObject({
      SHUTDOWN_TIMEOUT_MS: "10000",
      SHUTDOWN_DELAY_MS: "1000",
    });
  });

  it("answers on the platform's own name without a domain", async () => {
    const medium = await composed("medium", [], ["drops:cloudflare", "drops:domain"]);
    expect(specOf(medium)).not.toHaveProperty("domainNames");
    expect(variables(medium, "web").PUBLIC_URL).toBe("");
    expect(named(medium, "uptime-site").inputs).toMatchObject({
      type: "https",
      target: "[unknown]",
    });
  });

  it("works without a worker and without Redis", async () => {
    const medium = await composed("medium", ["worker.instances=0", "redis.provider=none"]);
    expect(specOf(medium)).not.toHaveProperty("workers");
    expect(variables(medium, "web")).toMatchObject({ BACKGROUND_WORK: "on", REDIS_MODE: "none" });
    const targets = new Set(medium.composed.planning.alarms.map(({ target }) => target));
    expect(targets).not.toContain("worker");
    expect(targets).not.toContain("redis");
  });

  it("has no database resource with an external Postgres, and says what it cannot watch", async () => {
    const medium = await composed("medium", [
      "postgres.provider=external",
      "postgres.ownerUrl=postgresql://owner:hunter2@db.example.com/drops",
      "postgres.connectionLimit=200",
      "postgres.url=postgresql://app:hunter2@db.example.com/drops",
    ]);
    expect(medium.resources.some(({ name }) => name.startsWith("postgres"))).toBe(false);
    expect(
      medium.composed.planning.uncovered.map(({ rule, severity }) => `${rule} ${severity}`),
    ).toEqual(["memory critical", "memory warning", "cpu warning"]);
    expect(variables(medium, "migrate").APP_ROLE).toBe("app");
    expect(JSON.stringify(medium.resources)).not.toContain("hunter2");
  });

  it("drops its guards when protection is off", async () => {
    const { resources } = await composed("medium", ["protection=off"]);
    expect(resources.filter(({ protect }) => protect)).toEqual([]);
  });
});
