import { describe, expect, it } from "vitest";
import { dailyWindow, hourAfter, weeklyWindow } from "./maintenanceWindow";

describe("a window", () => {
  it.each([
    ["sunday", 3, 0, "sun:03:00-sun:04:00"],
    ["sunday", 3, 2, "sun:05:00-sun:06:00"],
    ["saturday", 23, 0, "sat:23:00-sun:00:00"],
    ["sunday", 23, 0, "sun:23:00-mon:00:00"],
    ["sunday", 23, 1, "mon:00:00-mon:01:00"],
    ["monday", 0, 0, "mon:00:00-mon:01:00"],
  ] as const)("of each week, %s %i and %i later", (day, hourUtc, later, expected) => {
    expect(weeklyWindow({ day, hourUtc }, later)).toBe(expected);
  });

  it.each([
    [1, "01:00-02:00"],
    [23, "23:00-00:00"],
  ])("of each day at %i", (hour, expected) => {
    expect(dailyWindow(hour)).toBe(expected);
  });

  it("wraps round the day in both directions", () => {
    expect([hourAfter(1, -2), hourAfter(23, 2), hourAfter(3, -2)]).toEqual([23, 1, 1]);
  });
});
