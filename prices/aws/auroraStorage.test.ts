import { describe, expect, it } from "vitest";
import { auroraClasses, auroraLocalStorageGib, serverlessClass } from ".";

describe("the local disk of an instance", () => {
  it.each([
    ["db.r7g.large", 32],
    ["db.r8g.large", 31],
    ["db.r8g.48xlarge", 3_072],
    ["db.r7i.24xlarge", 1_500],
    ["db.t4g.medium", 8.13],
    [serverlessClass, undefined],
    ["db.r9z.large", undefined],
  ])("of %s has %s GiB", (name, gib) => {
    expect(auroraLocalStorageGib(name)).toBe(gib);
  });

  it("is known for every class of the book", () => {
    const unknown = Object.keys(auroraClasses).filter((name) => !auroraLocalStorageGib(name));
    expect(unknown).toEqual([]);
  });
});
