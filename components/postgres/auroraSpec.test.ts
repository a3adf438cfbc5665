import { describe, expect, it } from "vitest";
import { auroraSpecProblems, backupHourOf, memoryGibOf, type AuroraSpec } from "./auroraSpec";
import { sampleAuroraSpec } from "./testing/sampleAurora";

const problems = (changes: Partial<AuroraSpec>): readonly string[] =>
  auroraSpecProblems({ ...sampleAuroraSpec, ...changes });

describe("what Aurora refuses", () => {
  it("is nothing of a sound specification", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ mode: { kind: "serverless", minAcu: 0.5, maxAcu: 16 } })).toEqual([]);
    expect(problems({ readerScaling: { max: 4, cpuPercent: 60 }, monitoringSeconds: 60 })).toEqual(
      [],
    );
  });

  it.each<[string, Partial<AuroraSpec>, string]>([
    ["a capital letter", { name: "Drops" }, "spec.name must be at most 60"],
    ["two hyphens in a row", { name: "drops--test" }, "got drops--test"],
    ["a hyphen at the end", { name: "drops-" }, "spec.name must be"],
    ["a long name", { name: "a".repeat(61) }, "spec.name must be at most 60"],
    ["one zone", { zones: ["us-east-1a"] }, "spec.zones must be two or more different zones"],
    ["a zone twice", { zones: ["us-east-1a", "us-east-1b", "us-east-1b"] }, "spec.zones must be"],
    ["a major version alone", { engineVersion: "17" }, "spec.engineVersion must be a minor"],
    ["an unknown version", { engineVersion: "17.99" }, "got 17.99"],
    ["16 readers", { readers: 16 }, "spec.readers must be 0..15, got 16"],
    ["half a reader", { readers: 0.5 }, "spec.readers must be 0..15, got 0.5"],
    [
      "fewer readers at the most than at the least",
      { readers: 2, readerScaling: { max: 1, cpuPercent: 60 } },
      "spec.readerScaling.max must be 2..15, got 1",
    ],
    [
      "scaling from no reader",
      { readers: 0, readerScaling: { max: 3, cpuPercent: 60 } },
      "spec.readerScaling takes a reader that is always there",
    ],
    ["no backups", { backupDays: 0 }, "spec.backupDays must be 1..35, got 0"],
    ["backups of 36 days", { backupDays: 36 }, "spec.backupDays must be 1..35, got 36"],
    [
      "no connections but AWS's own",
      { maxConnections: 3 },
      "spec.maxConnections must be 4..262143, got 3",
    ],
    ["an interval of 7 s", { monitoringSeconds: 7 }, "spec.monitoringSeconds must be one of 0, 1"],
    [
      "snapshots during the maintenance",
      { backupHourUtc: 3 },
      "spec.backupHourUtc must not be the hour of the maintenance, got 3",
    ],
    ["an unknown region", { region: "mars-east-1" }, "spec.region mars-east-1 is not known"],
    [
      "a class of RDS",
      { mode: { kind: "provisioned", instanceClass: "db.m7g.large" } },
      "db.m7g.large is a class of RDS that Aurora does not offer",
    ],
    [
      "a capacity in quarters",
      { mode: { kind: "serverless", minAcu: 0.25, maxAcu: 4 } },
      "capacity goes in steps of 0.5 units",
    ],
    [
      "a largest capacity of half a unit",
      { mode: { kind: "serverless", minAcu: 0.5, maxAcu: 0.5 } },
      "the largest at least 1; got 0.5 to 0.5",
    ],
    [
      "a region whose certificates cannot be verified",
      { region: "il-central-1" },
      "the root certificate of RDS in il-central-1",
    ],
  ])("%s", (_, changes, message) => {
    expect(problems(changes).join("; ")).toContain(message);
  });

  it("is no region whose root the caller brings", () => {
    const mode = { kind: "provisioned", instanceClass: "db.r7g.large" } as const;
    expect(problems({ region: "il-central-1", mode, authority: "-----BEGIN CERTIFICATE-----" }))
      // r7g is there, and the root is given.
      .toEqual([]);
  });

  it("is told all at once", () => {
    expect(problems({ readers: 20, backupDays: 99 })).toHaveLength(2);
  });
});

describe("what follows from a specification", () => {
  it("is the hour of the snapshot, two hours before the maintenance", () => {
    expect(backupHourOf(sampleAuroraSpec)).toBe(1);
    const maintenance = { day: "monday", hourUtc: 1 } as const;
    expect(backupHourOf({ ...sampleAuroraSpec, maintenance })).toBe(23);
    expect(backupHourOf({ ...sampleAuroraSpec, backupHourUtc: 5 })).toBe(5);
  });

  it("is the memory of an instance: the class's, or two GiB a unit of the largest capacity", () => {
    expect(memoryGibOf(sampleAuroraSpec)).toBe(16);
    const mode = { kind: "serverless", minAcu: 2, maxAcu: 16 } as const;
    expect(memoryGibOf({ ...sampleAuroraSpec, mode })).toBe(32);
  });
});
