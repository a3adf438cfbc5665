import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { edgeSettings, hasEdge, keepEdgeSettings, liveStack, onPlan } from "./edge";
import { samplePlaces, sampleStack, writeState } from "./testing/sampleSandbox";

describe("the edge", () => {
  it("points at the stack that it was last told", () => {
    const places = samplePlaces();
    expect(liveStack(places)).toBeUndefined();
    writeState(places, "edge", { resources: [sampleStack({ live: "blue" }, "edge")] });
    expect(liveStack(places)).toBe("blue");
  });

  it("keeps its own settings until it is told others", () => {
    const places = samplePlaces();
    expect(edgeSettings(places)).toEqual([]);
    keepEdgeSettings(places, ["hsts.maxAgeSeconds=0"]);
    expect(edgeSettings(places)).toEqual(["hsts.maxAgeSeconds=0"]);
    expect(statSync(join(places.root, "edge-settings.json")).mode & 0o777).toBe(0o600);
    keepEdgeSettings(places, []);
    expect(edgeSettings(places)).toEqual([]);
  });

  it("is on Pro for as long as a stack is there that a Snippet fetches from", () => {
    const places = samplePlaces();
    const edge = { tier: "edge", stack: "edge", set: ["live=small"] } as const;
    const plan = (): readonly string[] => onPlan(places, edge).set.slice(0, -1);
    expect(plan()).toEqual([]);
    const small = { tier: "small", originName: "origin-small.sandbox.localhost" };
    writeState(places, "small", { resources: [sampleStack(small)] });
    const direct = { tier: "medium", originName: "" };
    writeState(places, "blue", { resources: [sampleStack(direct, "blue")] });
    expect(plan()).toEqual([]);
    const medium = { tier: "medium", originName: "origin-green.sandbox.localhost" };
    writeState(places, "green", { resources: [sampleStack(medium, "green")] });
    expect(plan()).toEqual(["cloudflare.plan=pro"]);
    const other = { tier: "small", stack: "small", set: [] } as const;
    expect(onPlan(places, other)).toEqual(other);
  });

  it.each([
    [{ "drops:domain": "a.b", "drops:cloudflare": "{}" }, true],
    [{ "drops:domain": "", "drops:cloudflare": "{}" }, false],
    [{ "drops:domain": "a.b" }, false],
    [{}, false],
  ])("belongs to a stack with %j: %s", (values, has) => {
    expect(hasEdge({ values, secrets: {} })).toBe(has);
  });
});
