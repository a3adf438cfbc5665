import { describe, expect, it } from "vitest";
import { isUserId, userIdIn, withUserId } from "./userId";

describe("the user in the address", () => {
  it.each([
    ["", "1"],
    ["?user=7", "7"],
    ["?user=9223372036854775807", "9223372036854775807"],
    ["?user=9223372036854775808", "1"],
    ["?user=0", "1"],
    ["?user=-3", "1"],
    ["?user=../admin", "1"],
  ])("%s is %s", (search, userId) => {
    expect(userIdIn(search)).toBe(userId);
  });

  it("changes and leaves the rest alone", () => {
    expect(withUserId("https://drops.example/?a=1&user=2", "3")).toBe(
      "https://drops.example/?a=1&user=3",
    );
  });

  it("is a number without leading zeros", () => {
    expect(["1", "42"].every(isUserId)).toBe(true);
    expect(["", "01", "1.5", "1e3", " 1", "99999999999999999999"].some(isUserId)).toBe(false);
  });
});
