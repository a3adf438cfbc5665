import { describe, expect, it } from "vitest";
import { awsLines, awsReasons } from "../../prices/pricers/awsTestResources";
import { registered } from "../network/testing/registered";
import { AuroraPostgres, type AuroraPostgresArgs, type AuroraSpec } from "./aurora";
import { sampleAuroraArgs } from "./testing/sampleAurora";

describe("Aurora's price", () => {
  /** As a preview has it: what only a deploy tells is not known. */
  const previewed = async (
    spec: Partial<AuroraSpec> = {},
    args: Partial<AuroraPostgresArgs> = {},
  ) => {
    const { resources } = await registered(() => {
      new AuroraPostgres("postgres", sampleAuroraArgs(spec, args));
      return undefined;
    });
    return { lines: awsLines(resources), reasons: awsReasons(resources) };
  };
  const usage = [
    ["postgres-cluster", "Aurora storage", 100, 10],
    ["postgres-cluster", "Aurora I/O", 30, 6],
    ["postgres-cluster", "Aurora backups, 35 days, beyond the free size of the volume", 70, 1.47],
  ];

  it("is that of its instances and of what they store", async () => {
    const { lines, reasons } = await previewed();
    expect(lines).toEqual(
      expect.arrayContaining([
        ...usage,
        ["postgres-1", "Aurora PostgreSQL db.r7g.large", 1, 201.48],
        ["postgres-2", "Aurora PostgreSQL db.r7g.large", 1, 201.48],
      ]),
    );
    expect(reasons).toEqual([]);
  });

  it("has the levers in it", async () => {
    const { lines, reasons } = await previewed(
      { insights: "advanced", storageType: "aurora-iopt1" },
      { proxy: { securityGroupIds: ["sg-proxy"] } },
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        ["postgres-cluster", "Aurora I/O, included", 30, 0],
        ["postgres-cluster", "Database Insights, Advanced, by vCPU", 4, 36.5],
        ["postgres-1", "Aurora PostgreSQL db.r7g.large, I/O-Optimized", 1, 261.92],
        ["postgres-proxy", "RDS Proxy, by vCPU of the instances", 4, 43.8],
      ]),
    );
    expect(reasons).toEqual([]);
  });

  it("is that of the smallest capacity where it is serverless", async () => {
    const mode = { kind: "serverless", minAcu: 2, maxAcu: 16 } as const;
    expect((await previewed({ mode })).lines).toContainEqual([
      "postgres-1",
      "Aurora Serverless v2, 2 ACU (up to 16: $1401.6)",
      2,
      175.2,
    ]);
  });
});
