import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockFiles, outputOf, readState, stacksIn } from "./state";
import { sample, samplePlaces, sampleStack, writeState } from "./testing/sampleSandbox";

describe("the engine's state", () => {
  it("has no stacks before the first", () => {
    const places = samplePlaces();
    expect(stacksIn(places)).toEqual([]);
    expect(readState(places, "small")).toBeUndefined();
    expect(lockFiles(places, "small")).toBe(0);
  });

  it("tells stacks, resources, outputs and what was under way", () => {
    const places = samplePlaces();
    writeState(places, "small", {
      resources: [sampleStack({ live: "small" }), sample("vps", "1")],
      pending_operations: [{ type: "creating", resource: sample("db") }],
    });
    writeState(places, "edge", {});
    expect(stacksIn(places)).toEqual(["edge", "small"]);
    const state = readState(places, "small");
    expect(state?.resources.map(({ id }) => id)).toEqual([undefined, "1"]);
    expect(state?.pending).toMatchObject([{ type: "creating", resource: sample("db") }]);
    expect(outputOf(state, "live")).toBe("small");
    expect(outputOf(state, "other")).toBeUndefined();
    expect(readState(places, "edge")).toEqual({ resources: [], pending: [] });
  });

  it("takes no backups of a state, and no notes beside a lock, for more of them", () => {
    const places = samplePlaces();
    writeState(places, "small", {});
    const stacks = join(places.state, ".pulumi/stacks/drops");
    for (const name of ["small.json.bak", "small.json.attrs"]) {
      writeFileSync(join(stacks, name), "{}");
    }
    expect(stacksIn(places)).toEqual(["small"]);
    const locks = join(places.state, ".pulumi/locks/organization/drops/small");
    mkdirSync(locks, { recursive: true });
    for (const name of ["0b7c.json", "0b7c.json.attrs"]) writeFileSync(join(locks, name), "{}");
    expect(lockFiles(places, "small")).toBe(1);
  });
});
