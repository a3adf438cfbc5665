import { describe, expect, it } from "vitest";
import { newKey } from "./newKey";

const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** What a browser offers on plain http. */
const insecure = { getRandomValues: crypto.getRandomValues.bind(crypto) };

describe("a new key", () => {
  it.each([
    ["on https", undefined],
    ["on plain http", insecure],
  ])("is a version 4 UUID of its own %s", (_where, source) => {
    const keys = Array.from({ length: 500 }, () => newKey(source));
    for (const key of keys) expect(key).toMatch(uuid4);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
