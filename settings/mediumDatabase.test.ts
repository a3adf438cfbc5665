import { describe, it } from "vitest";
import { expectRefused, pathSet as set, type Refusal } from "./testStacks";

const inNewCluster =
  "from 2026-11-30 (accounts without a database cluster: 2026-10-15) a new Standard PostgreSQL cluster has at most 4 GiB of memory, no standby node and no read-only node; high availability takes the Advanced edition (engine advanced_pg)";
const assumed = "(assumed by the Standard edition's rule: DigitalOcean has not published it)";

/** A Standard cluster whose other keys are right. */
const standard = ["postgres.edition=standard", "postgres.nodes=1", "app.poolPerProcess=5"];
const grown = [...standard, "postgres.clusterSince=before-2026-11-30"];
const external = [
  "postgres.provider=external",
  "postgres.ownerUrl=postgresql://owner:hunter2@db.example.com/drops",
  "postgres.url=postgresql://u:p@db.example.com/drops",
];

/** Postgres, its connections, and Redis: settings that are wrong in one way, and the whole answer. */
const refused: readonly Refusal[] = [
  [
    "a standby of a new Standard cluster",
    [...standard, "postgres.nodes=2"],
    "postgres.nodes",
    "2 on a new Standard cluster",
    `1: ${inNewCluster}`,
    `${set("postgres.edition", "advanced")}, or ${set("postgres.nodes", "1")}`,
  ],
  [
    "a replica of a new Standard cluster",
    [...standard, "postgres.readReplicas=1"],
    "postgres.readReplicas",
    "1 on a new Standard cluster",
    `0: ${inNewCluster}`,
    `${set("postgres.edition", "advanced")}, or ${set("postgres.readReplicas", "0")}`,
  ],
  [
    "too large a new Standard cluster",
    [...standard, "postgres.size=db-s-4vcpu-8gb"],
    "postgres.size",
    "db-s-4vcpu-8gb (8 GiB) on a new Standard cluster",
    `db-s-1vcpu-1gb, db-s-1vcpu-2gb, db-s-2vcpu-4gb: ${inNewCluster}`,
    set("postgres.size", "db-s-2vcpu-4gb"),
  ],
  [
    "a standby of the smallest old cluster",
    [...grown, "postgres.size=db-s-1vcpu-1gb", "postgres.nodes=2", "postgres.pool.size=1"].concat(
      "postgres.pool.mode=transaction",
      "app.maxInstances=3",
      "worker.instances=0",
    ),
    "postgres.nodes",
    "2 of db-s-1vcpu-1gb",
    "1 of that size: a standby takes 2 GiB of memory",
    set("postgres.size", "db-s-2vcpu-4gb"),
  ],
  [
    "less storage than the size includes",
    [...standard, "postgres.storageGib=50"],
    "postgres.storageGib",
    "50 GiB for db-s-2vcpu-4gb",
    "at least the 60 GiB that the size includes",
    set("postgres.storageGib", "60"),
  ],
  [
    "a Standard size in the Advanced edition",
    ["postgres.size=db-s-2vcpu-4gb"],
    "postgres.size",
    "db-s-2vcpu-4gb, which the Advanced edition does not have",
    "gd-2vcpu-8gb, gd-2vcpu-8gb-intel, so1_5-2vcpu-16gb, so1_5-2vcpu-16gb-intel, gd-4vcpu-16gb, gd-4vcpu-16gb-intel, so1_5-4vcpu-32gb, so1_5-4vcpu-32gb-intel, gd-8vcpu-32gb, gd-8vcpu-32gb-intel, gd-16vcpu-64gb",
    set("postgres.size", "gd-2vcpu-8gb"),
  ],
  [
    "an Advanced size in the Standard edition",
    [...standard, "postgres.size=gd-2vcpu-8gb"],
    "postgres.size",
    "gd-2vcpu-8gb, which the Standard edition does not have",
    "db-s-1vcpu-1gb, db-s-1vcpu-2gb, db-s-2vcpu-4gb, db-s-4vcpu-8gb, db-s-6vcpu-16gb, db-s-8vcpu-32gb, db-s-16vcpu-64gb",
    set("postgres.size", "db-s-2vcpu-4gb"),
  ],
  [
    "more connections than a Standard cluster has",
    [...standard, "app.poolPerProcess=8"],
    "app.poolPerProcess",
    "8: 6 instances x 2 during a deploy x 8 + 1 worker x 2 x 2 + 6 reserved = 106 connections",
    "at most 77, 80 % of the database's 97",
    set("app.poolPerProcess", "5"),
  ],
  [
    "more connections than an Advanced cluster is taken to have",
    ["app.maxInstances=10", "worker.instances=0"],
    "app.poolPerProcess",
    "8: 10 instances x 2 during a deploy x 8 + 0 workers x 2 x 2 + 6 reserved = 166 connections",
    `at most 157, 80 % of the database's 197 ${assumed}`,
    set("app.poolPerProcess", "7"),
  ],
  [
    "so many instances that no pool is small enough",
    ["app.maxInstances=60"],
    "app.poolPerProcess",
    "8: 60 instances x 2 during a deploy x 8 + 1 worker x 2 x 2 + 6 reserved = 970 connections",
    `at most 157, 80 % of the database's 197 ${assumed}`,
    set("app.maxInstances", "9"),
  ],
  [
    "so few connections that a connection pool must help",
    [...standard, "postgres.size=db-s-1vcpu-1gb", "app.minInstances=5"],
    "app.poolPerProcess",
    "5: 6 instances x 2 during a deploy x 5 + 1 worker x 2 x 2 + 6 reserved = 70 connections",
    "at most 17, 80 % of the database's 22",
    `${set("postgres.pool.mode", "transaction")}, or choose a larger drops:postgres.size`,
  ],
  [
    "a pool beyond the database's connections",
    ["postgres.pool.mode=transaction", "postgres.pool.size=138"],
    "postgres.pool.size",
    "138: 138 of the pool + 14 processes that listen past it + 6 reserved = 158 connections",
    `at most 157, 80 % of the database's 197 ${assumed}`,
    set("postgres.pool.size", "137"),
  ],
  [
    "a pool where the processes alone are too many",
    ["postgres.pool.mode=transaction", "app.maxInstances=80", "app.poolPerProcess=2"],
    "postgres.pool.size",
    "40: 40 of the pool + 162 processes that listen past it + 6 reserved = 208 connections",
    `at most 157, 80 % of the database's 197 ${assumed}`,
    "choose a larger drops:postgres.size or fewer drops:app.maxInstances",
  ],
  [
    "fewer connections than clients that keep theirs",
    ["postgres.pool.mode=session"],
    "postgres.pool.mode",
    "session, with 40 connections for 6 instances x 2 during a deploy x 8 + 1 worker x 2 x 2 - 14 past the pool = 86 clients",
    "transaction, or at least 86 connections: in session mode a client keeps its own, and the next one waits",
    set("postgres.pool.mode", "transaction"),
  ],
  [
    "one connection too few for them",
    ["postgres.pool.mode=session", "postgres.pool.size=85"],
    "postgres.pool.mode",
    "session, with 85 connections for 6 instances x 2 during a deploy x 8 + 1 worker x 2 x 2 - 14 past the pool = 86 clients",
    "transaction, or at least 86 connections: in session mode a client keeps its own, and the next one waits",
    set("postgres.pool.mode", "transaction"),
  ],
  [
    "more clients than the pools of a cluster admit",
    ["postgres.pool.mode=transaction", "app.poolPerProcess=100"],
    "app.poolPerProcess",
    "100: 6 instances x 2 during a deploy x 100 + 1 worker x 2 x 2 - 14 past the pool = 1190 clients of the pool",
    "at most the 1000 that a cluster's pools admit",
    set("app.poolPerProcess", "83"),
  ],
  [
    "more connections to a replica, which has no pool",
    ["postgres.pool.mode=transaction", "postgres.readReplicas=1", "app.poolPerProcess=14"],
    "app.poolPerProcess",
    "14: 6 instances x 2 during a deploy x 14 + 1 reserved = 169 connections to a read replica, which the pool does not serve",
    `at most 157, 80 % of the replica's 197 ${assumed}`,
    set("app.poolPerProcess", "13"),
  ],
  [
    "an external database without its URL",
    [
      "postgres.provider=external",
      "postgres.ownerUrl=postgresql://owner:hunter2@db.example.com/drops",
      "postgres.connectionLimit=200",
    ],
    "postgres.url",
    "nothing, with provider external",
    "postgresql://user:password@host:port/database",
    "pulumi config set --stack medium --secret --path 'drops:postgres.url'",
  ],
  [
    "an external database without an owner",
    [...external.filter((text) => !text.includes("ownerUrl")), "postgres.connectionLimit=200"],
    "postgres.ownerUrl",
    "nothing, with provider external: the owner migrates before each deploy",
    "the URL of the role that owns the schema, another than the app's",
    "pulumi config set --stack medium --secret --path 'drops:postgres.ownerUrl'",
  ],
  [
    "an external database whose owner is the app",
    [
      ...external.filter((text) => !text.includes("ownerUrl")),
      "postgres.connectionLimit=200",
      "postgres.url=postgresql://one:p@db.example.com/drops",
      "postgres.ownerUrl=postgresql://one:q@db.example.com/drops",
    ],
    "postgres.ownerUrl",
    "the app's own role, which must not own what a promotion fences",
    "another role than that of drops:postgres.url",
    "pulumi config set --stack medium --secret --path 'drops:postgres.ownerUrl'",
  ],
  [
    "an external database of unknown limit",
    external,
    "postgres.connectionLimit",
    "nothing, with provider external",
    "the connections that the database allows (`show max_connections`)",
    set("postgres.connectionLimit", "60"),
  ],
  [
    "a URL that nothing uses",
    ["postgres.url=postgresql://u:p@db.example.com/drops"],
    "postgres.url",
    "[secret], with provider digitalocean: the managed database has its own URL",
    "nothing",
    set("postgres.provider", "external"),
  ],
  [
    "a replica of an external database",
    [...external, "postgres.connectionLimit=200", "postgres.readReplicas=2"],
    "postgres.readReplicas",
    "2, with provider external",
    "0: the vendor's replicas are the vendor's",
    set("postgres.readReplicas", "0"),
  ],
  [
    "a pool before an external database",
    [...external, "postgres.connectionLimit=200", "postgres.pool.mode=transaction"],
    "postgres.pool.mode",
    "transaction, with provider external",
    "off: a vendor's pool has a URL of its own, for drops:postgres.url",
    set("postgres.pool.mode", "off"),
  ],
  [
    "more connections than an external database has",
    [...external, "postgres.connectionLimit=100"],
    "app.poolPerProcess",
    "8: 6 instances x 2 during a deploy x 8 + 1 worker x 2 x 2 + 6 reserved = 106 connections",
    "at most 80, 80 % of the database's 100",
    set("app.poolPerProcess", "5"),
  ],
  [
    "a missing Redis URL",
    ["redis.provider=external"],
    "redis.url",
    "nothing, with provider external",
    "redis:// or rediss:// with a host",
    "pulumi config set --stack medium --secret --path 'drops:redis.url'",
  ],
  [
    "a Redis URL that nothing uses",
    ["redis.url=redis://c:1"],
    "redis.url",
    "[secret], with provider digitalocean",
    "nothing, unless the provider is external",
    set("redis.provider", "external"),
  ],
  [
    "a standby of the smallest Valkey",
    ["redis.nodes=2"],
    "redis.nodes",
    "2 of db-s-1vcpu-1gb",
    "1 of that size; a standby takes 2 GiB: db-s-1vcpu-2gb, db-s-2vcpu-4gb, db-s-4vcpu-8gb, db-s-6vcpu-16gb, db-s-8vcpu-32gb",
    `${set("redis.size", "db-s-1vcpu-2gb")}, or ${set("redis.nodes", "1")}`,
  ],
];

describe("a medium configuration is refused", () => {
  it.each(refused)("for %s", (_, settings, ...problem) => {
    expectRefused("medium", settings, problem);
  });
});
