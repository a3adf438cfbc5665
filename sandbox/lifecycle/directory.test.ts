import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeDirectory, requireDirectory } from "./directory";
import { samplePlaces } from "./testing/sampleSandbox";

describe("a sandbox's directory", () => {
  it.each([
    ["is not there yet", []],
    ["is empty", ["/"]],
    ["is a sandbox's", ["/cloud/", "/locks/", "/ssh-keys.small.json", "/ca.pem"]],
  ])("is good where it %s", (_, entries) => {
    const { root } = samplePlaces();
    for (const entry of entries) fill(root, entry);
    expect(() => {
      requireDirectory(root);
      makeDirectory(root);
    }).not.toThrow();
  });

  it.each([
    ["holds what no sandbox wrote", ["/cloud/", "/thesis.txt"], "it holds thesis.txt"],
    ["holds what may be anybody's", ["/project/"], "it is no sandbox, it holds project"],
  ])("is refused where it %s: all of it is deleted one day", (_, entries, message) => {
    const { root } = samplePlaces();
    for (const entry of entries) fill(root, entry);
    expect(() => {
      requireDirectory(root);
    }).toThrow(message);
  });

  it("is refused where a file is in its place, or on the way to it", () => {
    const { root } = samplePlaces();
    mkdirSync(join(root, ".."), { recursive: true });
    writeFileSync(root, "");
    for (const path of [root, join(root, "below")]) {
      expect(() => {
        requireDirectory(path);
      }).toThrow(`${root} is a file; name a directory`);
    }
  });

  it.skipIf(process.getuid?.() === 0)("is refused where it may not be written to", () => {
    const { root } = samplePlaces();
    mkdirSync(root, { recursive: true });
    chmodSync(root, 0o500);
    expect(() => {
      requireDirectory(join(root, "below"));
    }).toThrow("you may not write to");
  });

  it.runIf(process.platform === "linux")("is refused where the system cannot make it", () => {
    expect(() => {
      makeDirectory("/proc/drops-sandbox");
    }).toThrow("it cannot be made (ENOENT)");
  });
});

function fill(root: string, entry: string): void {
  mkdirSync(root, { recursive: true });
  if (entry.endsWith("/")) mkdirSync(join(root, entry), { recursive: true });
  else writeFileSync(join(root, entry), "");
}
