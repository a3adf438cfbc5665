import { describe, expect, it } from "vitest";
import { badPayloads, good, payload } from "./testing/badPayloads";
import { readPayload } from "./payload";

describe("a payload", () => {
  it("is version, files and secrets", () => {
    expect(readPayload(payload([good], { "redis-url": "redis://a" }))).toEqual({
      version: "a".repeat(64),
      files: [good],
      secrets: new Map([["redis-url", "redis://a"]]),
    });
  });

  it.each(badPayloads)("with %s is refused without a secret in the words", (_, text, message) => {
    expect(() => readPayload(text)).toThrow(message);
    expect(() => readPayload(text)).not.toThrow("hidden");
  });
});
