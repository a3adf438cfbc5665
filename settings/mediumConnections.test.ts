import { describe, expect, it } from "vitest";
import {
  mediumConnectionBudget,
  mediumConnectionLimit,
  mediumPostgresSize,
} from "./mediumConnections";
import type { MediumConfig } from "./schema";
import { checkedStack } from "./testStacks";

const medium = (...settings: string[]): MediumConfig =>
  checkedStack("medium", settings) as MediumConfig;
const standard = ["postgres.edition=standard", "postgres.nodes=1", "app.poolPerProcess=5"];
const url = "postgres.url=postgresql://u:p@db.example.com/drops";

describe("the connections of a medium stack", () => {
  it.each<[string, string[], number, boolean]>([
    ["an Advanced cluster, by assumption", [], 197, false],
    ["a larger one", ["postgres.size=so1_5-4vcpu-32gb"], 797, false],
    ["the largest, which has no more than 997", ["postgres.size=gd-16vcpu-64gb"], 997, false],
    ["a Standard cluster, as published", standard, 97, true],
    [
      "somebody else's, as told",
      [
        "postgres.provider=external",
        "postgres.ownerUrl=postgresql://owner:p@db.example.com/drops",
        url,
        "postgres.connectionLimit=150",
      ],
      150,
      true,
    ],
  ])("are limited by %s", (_, settings, limit, verified) => {
    expect(mediumConnectionLimit(medium(...settings))).toEqual({ limit, verified });
  });

  it("are unlimited for all that is known where nobody said", () => {
    const config = medium();
    const postgres = { ...config.postgres, provider: "external" as const };
    expect(mediumConnectionLimit({ postgres })).toBeUndefined();
    expect(mediumConnectionBudget({ ...config, postgres })).toBeUndefined();
  });

  it.each<[string, string[], object]>([
    [
      "as committed",
      [],
      { app: 96, worker: 4, pooled: undefined, reserved: 6, total: 106, usable: 157 },
    ],
    [
      "of the Standard edition",
      standard,
      { app: 60, worker: 4, reserved: 6, total: 70, limit: 97, usable: 77, verified: true },
    ],
    [
      "with more instances, of the app and the worker",
      ["app.maxInstances=7", "worker.instances=3", "worker.size=apps-s-1vcpu-1gb"],
      { app: 112, worker: 12, total: 130 },
    ],
    [
      "with a pool: its own, and one past it for each of 2 x (6 + 1) processes",
      ["postgres.pool.mode=transaction", "postgres.pool.size=50"],
      { app: 96, worker: 4, pooled: { server: 50, past: 14 }, total: 70 },
    ],
  ])("are spent %s", (_, settings, expected) => {
    expect(mediumConnectionBudget(medium(...settings))).toMatchObject(expected);
  });

  it.each([
    ["advanced", [], "gd-2vcpu-8gb"],
    ["standard", standard, "db-s-2vcpu-4gb"],
    ["as set", ["postgres.size=gd-4vcpu-16gb"], "gd-4vcpu-16gb"],
  ])("belong to a node of the size %s", (_, settings, size) => {
    expect(mediumPostgresSize(medium(...settings))).toBe(size);
  });
});
