import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { edgeSettings, hasEdge, keepEdgeSettings, liveStack } from "./edge";
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

  it.each([
    [{ "drops:domain": "a.b", "drops:cloudflare": "{}" }, true],
    [{ "drops:domain": "", "drops:cloudflare": "{}" }, false],
    [{ "drops:domain": "a.b" }, false],
    [{}, false],
  ])("belongs to a stack with %j: %s", (values, has) => {
    expect(hasEdge({ values, secrets: {} })).toBe(has);
  });
});
