import { expect, it } from "vitest";
import { emfMetrics } from "../../workload/server/emf";
import { appCustomMetrics, appMetrics, cloudwatchFree } from ".";

it("has what the app publishes, with its dimensions, and nothing else", () => {
  const ofApp = Object.entries(emfMetrics).map(([name, own]) => [
    name,
    [["Service", "Stack", ...own]],
  ]);
  const known = Object.entries(appMetrics.metrics).map(([name, { dimensions }]) => [
    name,
    dimensions,
  ]);
  expect(Object.fromEntries(known)).toEqual(Object.fromEntries(ofApp));
});

it("is within what an account has for nothing", () => {
  // web: statements of two pools, lives, websockets, drops; worker: statements of one, lives.
  expect(appCustomMetrics).toBe(7);
  expect(appCustomMetrics).toBeLessThanOrEqual(cloudwatchFree.customMetrics);
});
