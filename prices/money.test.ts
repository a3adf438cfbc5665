import { describe, expect, it } from "vitest";
import { roundQuantity, roundToCents, sumUsd } from "./money";

describe("money", () => {
  it.each([
    [24 * 0.2, 4.8],
    [1.005, 1.01],
    [15.154, 15.15],
    [0.1 + 0.2, 0.3],
    [0, 0],
  ])("rounds %d to %d", (usd, rounded) => {
    expect(roundToCents(usd)).toBe(rounded);
  });

  it("adds what the lines show", () => {
    expect(sumUsd([0.1, 0.2])).toBe(0.3);
    expect(sumUsd([24, 4.8, 15.15, 5, 1])).toBe(49.95);
    expect(sumUsd([])).toBe(0);
  });

  it("keeps three digits of a quantity", () => {
    expect(roundQuantity(93.13225746154785)).toBe(93.132);
  });
});
