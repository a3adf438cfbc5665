import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Kind } from "./kind";
import { HalfMade } from "./operations";
import { machine, network, part, SampleCloud } from "./testing/sampleCloud";

const lines: string[] = [];
const log = (line: string): void => {
  lines.push(line);
};

let cloud: SampleCloud;
beforeEach(() => {
  lines.length = 0;
  cloud = new SampleCloud();
});
afterEach(() => {
  cloud.close();
});

describe("the cloud's operations", () => {
  it("keeps what it made, for the next process too, in a file of its own", async () => {
    const made = await cloud.network("a");
    cloud.reopen();
    expect(cloud.world.get(network.type, made.id)).toEqual(made);
    expect(made).toMatchObject({ ready: true, outputs: { urn: "made" }, hidden: { secret: 1 } });
    expect(statSync(join(cloud.directory, "world.json")).mode & 0o777).toBe(0o600);
  });

  it("refuses a name that is taken, more than the account may have, and ids of nothing", async () => {
    await cloud.network("a");
    await expect(cloud.network("a")).rejects.toThrow('name "a" is taken already');
    await cloud.network("b");
    await expect(cloud.network("c")).rejects.toThrow("your account may have 2 of them");
    const lost = cloud.make(machine, "m", { size: "small", networkId: "99" });
    await expect(lost).rejects.toThrow('networkId: there is no Network "99"');
  });

  it("does not delete what is in use, and deletes what goes with it", async () => {
    const { id } = await cloud.network("a");
    const user = await cloud.make(machine, "m", {
      ...{ size: "small", networkId: id },
    });
    await cloud.make(part, "p", { of: id });
    await expect(cloud.operations.delete(network, id)).rejects.toThrow("still in use by m");
    await cloud.operations.delete(machine, user.id);
    await cloud.operations.delete(network, id);
    expect(cloud.world.everything()).toEqual([]);
    await expect(cloud.operations.delete(network, id)).resolves.toBeUndefined();
  });

  it("fails as it is told to, at the time that it is told", async () => {
    cloud.fail(`create:${network.type}@2`);
    await cloud.network("a");
    await expect(cloud.network("b")).rejects.toMatchObject({ name: "CloudError", status: 500 });
    await expect(cloud.network("b")).resolves.toMatchObject({ ready: true });
  });

  it("leaves a half-made resource to be finished by an update", async () => {
    cloud.fail(`create:${network.type}=half`);
    const error: unknown = await cloud.network("a").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(HalfMade);
    const { resource } = error as HalfMade;
    expect(cloud.world.get(network.type, resource.id)?.ready).toBe(false);
    const finished = await cloud.operations.update(network, resource.id, resource.inputs);
    expect(finished.ready).toBe(true);
  });

  it("keeps what the engine was told of through a crash, even where it has nothing to show", async () => {
    const { id } = await cloud.network("a");
    cloud.fail(`create:${part.type}=half`);
    const half = cloud.make(part, "p", { of: id });
    await expect(half).rejects.toBeInstanceOf(HalfMade);
    cloud.reopen();
    await cloud.operations.clearHalfMade(log);
    expect(cloud.world.all(part.type)).toMatchObject([{ ready: false, told: true }]);
  });

  it("clears away after a crash what nobody was told of", async () => {
    await cloud.network("kept");
    cloud.fail(`create:${network.type}=crash`);
    await expect(cloud.network("lost")).rejects.toThrow("crashed");
    cloud.reopen();
    expect(cloud.world.all(network.type)).toHaveLength(2);
    await cloud.operations.clearHalfMade(log);
    expect(cloud.world.all(network.type).map(({ inputs }) => inputs["name"])).toEqual(["kept"]);
  });

  it("clears away what it can, says what it cannot, and tries that again at the next start", async () => {
    let isStuck = true;
    const stuck: Kind = {
      ...part,
      type: "test:index/stuck:Stuck",
      delete: () => {
        if (isStuck) throw new Error("its server does not answer");
      },
    };
    cloud.close();
    cloud = new SampleCloud([network, stuck, part]);
    const { id } = await cloud.network("a");
    for (const kind of [stuck, part]) {
      cloud.fail(`create:${kind.type}=crash`);
      await expect(cloud.make(kind, "lost", { of: id })).rejects.toThrow("crashed");
    }
    cloud.reopen();
    await cloud.operations.clearHalfMade(log);
    expect(cloud.world.all(part.type)).toEqual([]);
    expect(cloud.world.all(stuck.type)).toMatchObject([{ ready: false }]);
    expect(lines.join("\n")).toContain(
      "Stuck::lost was never finished and cannot be cleared away: its server does not answer",
    );
    isStuck = false;
    cloud.reopen();
    await cloud.operations.clearHalfMade(log);
    expect(cloud.world.all(stuck.type)).toEqual([]);
  });
});

describe("a fault", () => {
  const answers = [
    { kind: "error", status: 500 },
    { kind: "429", status: 429 },
  ];

  it.each(answers)(
    "of an update ($kind) leaves the resource as it was",
    async ({ kind, status }) => {
      const made = await cloud.network("a");
      cloud.fail(`update:${network.type}@1=${kind}`);
      const update = () =>
        cloud.operations.update(network, made.id, { ...made.inputs, name: "renamed" });
      await expect(update()).rejects.toMatchObject({ name: "CloudError", status });
      expect(cloud.world.get(network.type, made.id)).toEqual(made);
      await expect(update()).resolves.toMatchObject({ inputs: { name: "renamed" } });
    },
  );

  it("of an update that makes half of it leaves the change to be finished", async () => {
    const made = await cloud.network("a");
    cloud.fail(`update:${network.type}@1=half`);
    const inputs = { ...made.inputs, name: "renamed" };
    const error: unknown = await cloud.operations
      .update(network, made.id, inputs)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(HalfMade);
    expect((error as HalfMade).message).toContain("did not take effect");
    const half = { id: made.id, inputs, ready: false, told: true };
    expect((error as HalfMade).resource).toMatchObject(half);
    expect(cloud.world.get(network.type, made.id)).toMatchObject(half);
    cloud.reopen();
    await cloud.operations.clearHalfMade(log);
    const finished = await cloud.operations.update(network, made.id, inputs);
    expect(finished).toMatchObject({ id: made.id, inputs, ready: true });
  });

  it.each(answers)("of a read ($kind) says nothing of the resource", async ({ kind, status }) => {
    const made = await cloud.network("a");
    cloud.fail(`read:${network.type}@1=${kind}`);
    const read = () => cloud.operations.read(network.type, made.id);
    await expect(read()).rejects.toMatchObject({ name: "CloudError", status });
    expect(await read()).toEqual(made);
    expect(await cloud.operations.read(network.type, "99")).toBeUndefined();
  });

  it.each(answers)("of a delete ($kind) leaves everything there", async ({ kind, status }) => {
    const made = await cloud.network("a");
    await cloud.make(part, "p", { of: made.id });
    const before = cloud.world.everything();
    cloud.fail(`delete:${network.type}@1=${kind}`);
    const remove = () => cloud.operations.delete(network, made.id);
    await expect(remove()).rejects.toMatchObject({ name: "CloudError", status });
    expect(cloud.world.everything()).toEqual(before);
    await remove();
    expect(cloud.world.everything()).toEqual([]);
  });
});
