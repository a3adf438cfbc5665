import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { checkInputs } from "./check";
import { diffInputs } from "./diff";
import { FaultPlan, parseFault } from "./faults";
import type { Cloud, Kind } from "./kind";
import { HalfMade, Operations } from "./operations";
import { unknownValue } from "./unknowns";
import { WorldStore } from "./world";

const network: Kind = {
  type: "test:index/network:Network",
  inputs: z.object({ name: z.string(), range: z.string(), tags: z.array(z.string()).optional() }),
  immutable: ["range"],
  autoName: "name",
  unique: [["name"]],
  quota: { most: 2, source: "test" },
  idStyle: "number",
  create: () => ({ outputs: { urn: "made" }, hidden: { secret: 1 } }),
};
const machine: Kind = {
  type: "test:index/machine:Machine",
  inputs: z.object({ size: z.enum(["small", "large"]), networkId: z.string() }),
  immutable: [],
  references: [{ input: "networkId", type: network.type }],
  idStyle: "uuid",
};
const part: Kind = {
  ...machine,
  type: "test:index/part:Part",
  inputs: z.object({ of: z.string() }),
  references: [{ input: "of", type: network.type, onDelete: "cascade" }],
};
const kinds = [network, machine, part];

let directory: string;
let world: WorldStore;
let faults: FaultPlan;
let operations: Operations;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "drops-world-"));
  open();
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function open(): void {
  world = new WorldStore(join(directory, "world.json"));
  faults = new FaultPlan();
  let count = 0;
  const cloud = { world, newId: () => String((count += 1)), newPassword: () => "p" };
  operations = new Operations({
    ...{ world, faults },
    cloud: cloud as unknown as Cloud,
    kindOf: (type) => kinds.find((kind) => kind.type === type),
    crash: () => {
      throw new Error("crashed");
    },
  });
}

const check = (news: Record<string, unknown>, olds: Record<string, unknown> = {}) =>
  checkInputs(network, { name: "vpc", news, olds, seed: "s" });
const urn = (type: string, name: string) => `urn:pulumi:small::drops::${type}::${name}`;
const newNetwork = async (name: string) =>
  await operations.create(network, urn(network.type, name), { name, range: "10.0.0.0/16" });

describe("the check of inputs", () => {
  it("names what has no name, and keeps the name that it had", () => {
    const first = check({ range: "r" });
    expect(first.failures).toEqual([]);
    expect(first.inputs["name"]).toMatch(/^vpc-[0-9a-f]{7}$/);
    expect(check({ range: "r" }, { name: "vpc-1234567" }).inputs["name"]).toBe("vpc-1234567");
  });

  it("refuses what is wrong, missing or unknown to the type, all at once", () => {
    const { failures } = check({ name: 5, rang: "r" });
    expect(failures.map(({ property }) => property).sort()).toEqual(["name", "rang", "range"]);
    expect(failures.find(({ property }) => property === "rang")?.reason).toBe(
      "test:index/network:Network has no such property",
    );
    expect(failures.find(({ property }) => property === "name")?.reason).toContain("got 5");
  });

  it("lets pass what is not known yet, and nothing beside it", () => {
    expect(check({ range: unknownValue, tags: ["a", unknownValue] }).failures).toEqual([]);
    expect(check({ range: unknownValue, tags: [1, unknownValue] }).failures).toHaveLength(1);
  });
});

describe("a refusal", () => {
  const refused = (kind: Kind) =>
    checkInputs(kind, {
      ...{ name: "m", seed: "s", olds: {} },
      news: { size: "hunter2", networkId: "1" },
    }).failures[0]?.reason;

  it("shows what was given, but nothing of an input that may hold a secret", () => {
    expect(refused(machine)).toContain("hunter2");
    const reason = refused({ ...machine, sensitive: ["size"] });
    expect(reason).toContain("got [secret]");
    expect(reason).not.toContain("hunter2");
  });
});

describe("the difference of inputs", () => {
  it("names each property, down to the element of a list", () => {
    const olds = { name: "a", range: "r", tags: ["x", "y"] };
    expect(diffInputs(network, olds, { ...olds, tags: ["x", "z", "w"] })).toEqual([
      { path: "tags[1]", kind: "update", replace: false },
      { path: "tags[2]", kind: "add", replace: false },
    ]);
    expect(diffInputs(network, olds, { name: "a", range: "s" })).toEqual([
      { path: "range", kind: "update", replace: true },
      { path: "tags", kind: "delete", replace: false },
    ]);
    expect(diffInputs(network, olds, structuredClone(olds))).toEqual([]);
  });

  it("counts what is not known yet as a change", () => {
    const changes = diffInputs(network, { range: "r" }, { range: unknownValue });
    expect(changes).toEqual([{ path: "range", kind: "update", replace: true }]);
  });
});

describe("the cloud's operations", () => {
  it("keeps what it made, for the next process too, in a file of its own", async () => {
    const made = await newNetwork("a");
    open();
    expect(world.get(network.type, made.id)).toEqual(made);
    expect(made).toMatchObject({ ready: true, outputs: { urn: "made" }, hidden: { secret: 1 } });
    expect(statSync(join(directory, "world.json")).mode & 0o777).toBe(0o600);
  });

  it("refuses a name that is taken, more than the account may have, and ids of nothing", async () => {
    await newNetwork("a");
    await expect(newNetwork("a")).rejects.toThrow('name "a" is taken already');
    await newNetwork("b");
    await expect(newNetwork("c")).rejects.toThrow("your account may have 2 of them");
    const lost = operations.create(machine, "urn", { size: "small", networkId: "99" });
    await expect(lost).rejects.toThrow('networkId: there is no Network "99"');
  });

  it("does not delete what is in use, and deletes what goes with it", async () => {
    const { id } = await newNetwork("a");
    const user = await operations.create(machine, urn(machine.type, "m"), {
      ...{ size: "small", networkId: id },
    });
    await operations.create(part, urn(part.type, "p"), { of: id });
    await expect(operations.delete(network, id)).rejects.toThrow("still in use by m");
    await operations.delete(machine, user.id);
    await operations.delete(network, id);
    expect(world.everything()).toEqual([]);
    await expect(operations.delete(network, id)).resolves.toBeUndefined();
  });

  it("fails as it is told to, at the time that it is told", async () => {
    faults.set([parseFault(`create:${network.type}@2`, "fail")]);
    await newNetwork("a");
    await expect(newNetwork("b")).rejects.toMatchObject({ name: "CloudError", status: 500 });
    await expect(newNetwork("b")).resolves.toMatchObject({ ready: true });
  });

  it("leaves a half-made resource to be finished by an update", async () => {
    faults.set([parseFault(`create:${network.type}=half`, "fail")]);
    const error: unknown = await newNetwork("a").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(HalfMade);
    const { resource } = error as HalfMade;
    expect(world.get(network.type, resource.id)?.ready).toBe(false);
    const finished = await operations.update(network, resource.id, resource.inputs);
    expect(finished.ready).toBe(true);
  });

  it("keeps what the engine was told of through a crash, even where it has nothing to show", async () => {
    const { id } = await newNetwork("a");
    faults.set([parseFault(`create:${part.type}=half`, "fail")]);
    const half = operations.create(part, urn(part.type, "p"), { of: id });
    await expect(half).rejects.toBeInstanceOf(HalfMade);
    open();
    expect(await operations.clearHalfMade()).toBe(0);
    expect(world.all(part.type)).toMatchObject([{ ready: false, told: true }]);
  });

  it("clears away after a crash what nobody was told of", async () => {
    await newNetwork("kept");
    faults.set([parseFault(`create:${network.type}=crash`, "fail")]);
    await expect(newNetwork("lost")).rejects.toThrow("crashed");
    open();
    expect(world.all(network.type)).toHaveLength(2);
    expect(await operations.clearHalfMade()).toBe(1);
    expect(world.all(network.type).map(({ inputs }) => inputs["name"])).toEqual(["kept"]);
  });
});

describe("a fault's text", () => {
  it("is read with and without its number and its kind", () => {
    const type = "digitalocean:index/droplet:Droplet";
    expect(parseFault(`create:${type}`, "fail")).toEqual({
      ...{ operation: "create", type, kind: "error" },
    });
    expect(parseFault(`delete:${type}@3=429`, "fail")).toMatchObject({ nth: 3, kind: "429" });
    expect(parseFault(`update:${type}=2.5`, "delay")).toMatchObject({ delaySeconds: 2.5 });
  });

  it.each(["create", "make:a:b:C", "create:a:b:C=wrong", "create:Droplet@1"])(
    "refuses %s",
    (text) => {
      expect(() => parseFault(text, "fail")).toThrow("--fail");
    },
  );
});
