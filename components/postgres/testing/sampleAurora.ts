import type { AuroraPostgresArgs, AuroraSpec } from "../aurora";

/** A writer and a reader, as the tier has them by default. */
export const sampleAuroraSpec: AuroraSpec = {
  name: "drops-test",
  stack: "test",
  region: "us-east-1",
  zones: ["us-east-1a", "us-east-1b", "us-east-1c"],
  engineVersion: "17.9",
  mode: { kind: "provisioned", instanceClass: "db.r7g.large" },
  readers: 1,
  storageType: "aurora",
  maxConnections: 1_800,
  backupDays: 35,
  insights: "standard",
  maintenance: { day: "sunday", hourUtc: 3 },
  logRetentionDays: 30,
  protect: true,
};

/** The same with its wiring. */
export const sampleAuroraArgs = (
  spec: Partial<AuroraSpec> = {},
  args: Partial<AuroraPostgresArgs> = {},
): AuroraPostgresArgs => ({
  spec: { ...sampleAuroraSpec, ...spec },
  subnetIds: ["subnet-a", "subnet-b", "subnet-c"],
  securityGroupIds: ["sg-database"],
  ...args,
});
