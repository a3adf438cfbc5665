import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diffInputs } from "../cloud/diff";
import { TestCloud } from "../digitalocean/testing/testCloud";
import { random } from ".";

let cloud: TestCloud;
beforeEach(() => {
  cloud = new TestCloud([random]);
});
afterEach(() => {
  cloud.close();
});

const resultOf = async (kind: string, inputs: object): Promise<string> =>
  String((await cloud.create(kind, "r", { ...inputs })).outputs["result"]);

describe("random", () => {
  it.each([
    [{ length: 30 }, /^[\w!@#$%&*()\-=+[\]{}<>:?]{30}$/],
    [{ length: 30, special: false }, /^[A-Za-z0-9]{30}$/],
    [{ length: 12, special: false, upper: false, numeric: false }, /^[a-z]{12}$/],
    [{ length: 4, upper: false, lower: false, number: false, overrideSpecial: "-_" }, /^[-_]{4}$/],
  ])("RandomPassword %j", async (inputs, pattern) => {
    expect(await resultOf("RandomPassword", inputs)).toMatch(pattern);
    expect(await resultOf("RandomString", inputs)).toMatch(pattern);
  });

  it("keeps to minimums, and differs each time", async () => {
    const inputs = { length: 6, minUpper: 2, minNumeric: 2, minSpecial: 1 };
    const results = await Promise.all([1, 2, 3].map(() => resultOf("RandomPassword", inputs)));
    expect(new Set(results).size).toBe(3);
    for (const result of results) {
      expect(result.match(/[A-Z]/g)?.length).toBeGreaterThanOrEqual(2);
      expect(result.match(/\d/g)?.length).toBeGreaterThanOrEqual(2);
      expect(result).toMatch(/[^A-Za-z0-9]/);
    }
  });

  it.each([
    [{ length: 0 }, "length: Too small"],
    [{ length: 3, minLower: 4 }, "length must be at least the sum of the minimums, 4"],
    [
      { length: 3, lower: false, upper: false, numeric: false, special: false },
      "one kind of characters",
    ],
    [
      { length: 3, size: 1 },
      "size: random:index/randomPassword:RandomPassword has no such property",
    ],
  ])("is refused in a preview: %j", (inputs, message) => {
    expect(cloud.preview("RandomPassword", inputs)[0]).toContain(message);
  });

  it("RandomId has one value in four forms, its prefix before each", async () => {
    const { id, outputs } = await cloud.create("RandomId", "r", { byteLength: 4, prefix: "db-" });
    const hex = Buffer.from(id, "base64url").toString("hex");
    expect(outputs).toEqual({
      b64Url: `db-${id}`,
      b64Std: `db-${Buffer.from(hex, "hex").toString("base64")}`,
      hex: `db-${hex}`,
      dec: `db-${parseInt(hex, 16)}`,
    });
  });

  it("RandomUuid's id is its result", async () => {
    const { id, outputs } = await cloud.create("RandomUuid", "r", {});
    expect(outputs["result"]).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });

  it("gives no two resources one id, and says so where too few are left", async () => {
    const one = { length: 1, upper: false, lower: false, special: false };
    for (let count = 0; count < 8; count += 1) await cloud.create("RandomString", "r", one);
    expect(cloud.world.everything()).toHaveLength(8);
    const ends = async () => {
      for (;;) await cloud.create("RandomString", "r", one);
    };
    await expect(ends()).rejects.toThrow("make it longer");
  });

  it("is replaced for any change", () => {
    const kind = cloud.kind("RandomPassword");
    const change = diffInputs(kind, { length: 3 }, { length: 3, keepers: { a: "b" } });
    expect(change.map(({ replace }) => replace)).toEqual([true]);
  });
});
