import { afterEach, describe, expect, inject, it } from "vitest";
import { readState } from "../../sandbox/lifecycle/state";
import { eventually, newSandbox } from "./fixture";

const cluster = "digitalocean:index/databaseCluster:DatabaseCluster";
const droplet = "digitalocean:index/droplet:Droplet";

/** Every fault ends with a stack that is whole: nothing twice, nothing lost. */
describe.skipIf(!inject("engine"))("an up that is disturbed", () => {
  const sandbox = newSandbox();
  const { drops, begin, cloud, visit, places } = sandbox;

  const mendedBy = async (...args: string[]): Promise<void> => {
    const up = await drops("sandbox", "up", "small", ...args);
    expect(up.status, up.stdout + up.stderr).toBe(0);
    expect((await visit("/readyz")).status).toBe(200);
    const { resources } = await (await cloud()).status();
    const urns = resources.map(({ urn }) => urn);
    expect(new Set(urns).size).toBe(urns.length);
    expect(resources.filter(({ ready }) => !ready)).toEqual([]);
    expect(readState(places, "small")?.pending).toEqual([]);
  };

  afterEach(async () => {
    await drops("sandbox", "destroy", "small", "--unprotect");
  });

  it.each([
    ["refused", "error", "500"],
    ["throttled", "429", "429"],
    ["left half-made", "half", "did not become ready"],
  ])("because a creation was %s, is finished by the next", async (_, kind, said) => {
    const up = await drops("sandbox", "up", "small", "--fail", `create:${cluster}@1=${kind}`);
    expect(up.status).toBe(2);
    expect(up.stdout).toContain(said);
    await mendedBy();
  });

  it("because the cloud died, is finished by the next", async () => {
    const up = await drops("sandbox", "up", "small", "--fail", `create:${cluster}@1=crash`);
    expect(up.status).toBe(2);
    await mendedBy();
  });

  it("by Ctrl-C, ends in order and is finished by the next", async () => {
    const { child, ended } = begin("sandbox", "up", "small", "--delay", `create:${droplet}=4`);
    await eventually(
      () => readState(places, "small")?.pending.length ?? 0,
      (count) => count > 0,
    );
    child.kill("SIGINT");
    const { status } = await ended;
    expect(status).toBe(130);
    await mendedBy();
  });
});
