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
    expect(status).not.toBe(0);
    await mendedBy();
  });

  it("by kill -9 of the engine, takes over what the cloud has made", async () => {
    const { ended } = begin("sandbox", "up", "small", "--delay", `create:${droplet}=6`);
    await eventually(
      () => readState(places, "small")?.pending.map(({ resource }) => resource.urn) ?? [],
      (urns) => urns.some((urn) => urn.includes(droplet)),
    );
    const { lockHolders } = await import("../../sandbox/lifecycle/state");
    const [engine] = lockHolders(places, "small");
    process.kill(engine ?? 0, "SIGKILL");
    expect((await ended).status).not.toBe(0);
    // The cloud goes on and finishes the droplet that nobody waits for any more.
    await eventually(
      async () => (await (await cloud()).status()).resources.filter(({ type }) => type === droplet),
      (droplets) => droplets.length === 1 && droplets[0]?.ready === true,
    );
    const second = begin("sandbox", "up", "small");
    const { status, stderr, stdout } = await second.ended;
    expect(status, stdout + stderr).toBe(0);
    expect(stderr).toContain("operations were interrupted");
    await mendedBy();
  });
});
