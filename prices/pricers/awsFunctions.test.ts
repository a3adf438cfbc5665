import { describe, expect, it } from "vitest";
import { resource } from "../testResources";
import { awsLines } from "./awsTestResources";

describe("a function that each deploy calls", () => {
  it.each([
    ["its memory", { memorySize: 256 }, 900],
    ["the usual memory", {}, 450],
  ])("stays within what is free, by %s", (_, inputs, used) => {
    const one = resource("aws:lambda/function:Function", "migrate-function", inputs);
    expect(awsLines([one])).toEqual([
      [
        "migrate-function",
        `Lambda beyond the account's free 400000 GB-seconds, of ${used} in 30 deploys of 120 s`,
        0,
        0,
      ],
    ]);
  });

  it("costs what is beyond", () => {
    const one = resource("aws:lambda/function:Function", "big", { memorySize: 1_048_576 });
    const [[, , quantity, monthly] = []] = awsLines([one]);
    expect(quantity).toBe(3_286_400);
    expect(monthly).toBe(43.82);
  });
});
