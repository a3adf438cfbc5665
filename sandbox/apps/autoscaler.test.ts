import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, SampleApps, visit } from "./testing/sampleApps";

let sample: SampleApps;
beforeEach(() => {
  sample = new SampleApps();
});
afterEach(async () => {
  await sample.close();
});

const scaled = (version: string, percent = 40, image = sample.image()) => {
  const { services = [], ...rest } = sample.spec(image, version, { instanceCount: undefined });
  const [own] = services;
  const autoscaling = {
    ...{ minInstanceCount: 1, maxInstanceCount: 2 },
    metrics: { cpu: { percent } },
  };
  return { ...rest, services: [{ ...own!, instanceSizeSlug: "apps-d-1vcpu-1gb", autoscaling }] };
};
const count = (): number => sample.pids().length;

/** Keeps every instance busy until it is told to stop. */
function burn(host: string): () => void {
  let going = true;
  const visitor = async (): Promise<void> => {
    while (going) {
      await visit(sample.apps, host, "/burn?ms=150").catch(() => undefined);
      await sleep(1);
    }
  };
  void visitor();
  void visitor();
  return () => {
    going = false;
  };
}

describe.runIf(process.platform === "linux")("autoscaling by CPU", () => {
  it("adds an instance under load, up to the maximum, and takes it away after it", async () => {
    const { host } = await sample.apps.deploy("a", scaled("1"));
    expect(count()).toBe(1);
    const stop = burn(host);
    await eventually(count, (now) => now === 2);
    const pids = new Set<number>();
    await eventually(
      async () => pids.add((await visit(sample.apps, host)).seen.pid).size,
      (size) => size === 2,
    );
    expect(sample.statuses("balancer")[0]?.detail).toMatch(
      /web: 2 of 1 to 2 instances, CPU \d+ % \(aim 40 %\)/,
    );
    stop();
    await eventually(count, (now) => now === 1);
    expect(sample.lines.filter((line) => line.startsWith("autoscaling"))).toEqual([
      "autoscaling web: one instance more",
      "autoscaling web: one instance less",
    ]);
  });

  it("keeps the count over a deployment and over a restart of the cloud", async () => {
    const image = sample.image();
    const { host } = await sample.apps.deploy("a", scaled("1", 1, image));
    const stop = burn(host);
    await eventually(count, (now) => now === 2);
    await sample.apps.deploy("a", scaled("2", 1, image));
    expect(count()).toBe(2);
    await sample.apps.stopAll();
    sample.open();
    await sample.apps.startAll();
    expect(count()).toBe(2);
    stop();
  });
});
