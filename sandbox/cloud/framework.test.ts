import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkInputs } from "./check";
import { comparedWith, diffInputs } from "./diff";
import { parseFault } from "./faults";
import type { Kind } from "./kind";
import { machine, network } from "./testing/sampleCloud";
import { unknownValue } from "./unknowns";

const check = (news: Record<string, unknown>, olds: Record<string, unknown> = {}) =>
  checkInputs(network, { name: "vpc", news, olds, seed: "s" });

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

  it("shows nothing of what may hold a secret, nor of what holds it", () => {
    const inner = z.strictObject({ token: z.string(), size: z.number() });
    const kind: Kind = {
      ...network,
      inputs: z.object({ of: z.object({ list: z.array(inner) }) }),
      sensitive: ["of.list[].token"],
    };
    const said = (of: unknown): readonly string[] =>
      checkInputs(kind, { name: "x", news: { of }, olds: {}, seed: "s" }).failures.map(
        ({ reason }) => reason,
      );
    expect(said({ list: [{ token: 7, size: 1 }] })[0]).toContain("[secret]");
    expect(said({ list: ["hunter2"] })[0]).toContain("[secret]");
    expect(said({ list: "hunter2" })[0]).toContain("[secret]");
    expect(said("hunter2")[0]).toContain("[secret]");
    expect(said({ list: [{ token: "x", size: "two" }] })[0]).toContain('got "two"');
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
    // With what the API has told, where it tells otherwise.
    const state = { name: "sealed", range: "other", tags: ["own"] };
    expect(comparedWith({ told: ["name", "tags"] }, { name: "a", range: "r" }, state)).toEqual({
      ...{ name: "sealed", range: "r" },
    });
  });

  it("counts what is not known yet as a change", () => {
    const changes = diffInputs(network, { range: "r" }, { range: unknownValue });
    expect(changes).toEqual([{ path: "range", kind: "update", replace: true }]);
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
