import * as pulumi from "@pulumi/pulumi";

/** What one copy is made of, however it is written: a task of the app with two secrets. */
export const sample = {
  region: "us-east-1",
  image: `ghcr.io/octocat/drops@sha256:${"0".repeat(64)}`,
  command: ["node", "dist/worker.js"],
  plain: { NODE_ENV: "production", DROPS_TIER: "large", DATABASE_POOL_MAX: "2" },
  secrets: ["database-url", "redis-url"],
  cpuUnits: 512,
  memoryMib: 1_024,
  stopSeconds: 120,
  logRetentionDays: 30,
} as const;

/** Copies that this program is to make. */
export const copies = Number(process.env["BENCH_COPIES"]);

/** What physical names begin with: several such programs are up at once. */
export const stem = pulumi.getProject();
