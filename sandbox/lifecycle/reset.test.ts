import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Places } from "../places";
import { alone } from "./alone";
import { makeDirectory, requireDirectory } from "./directory";
import { removeEmptied, reset } from "./reset";
import { samplePlaces } from "./testing/sampleSandbox";

const say = (): void => undefined;

function filled(): Places {
  const places = samplePlaces();
  makeDirectory(places.root);
  mkdirSync(join(places.state, "deep"), { recursive: true });
  writeFileSync(join(places.root, "ssh-keys.small.json"), "{}");
  return places;
}

describe("a reset", () => {
  it("is the only command while it lasts, and leaves nothing", async () => {
    const places = filled();
    const done = reset(places, say);
    await expect(alone(places, "up small", say, () => Promise.resolve())).rejects.toThrow(
      `another command is at work in this sandbox: "reset", process ${process.pid}`,
    );
    await done;
    expect(existsSync(places.root)).toBe(false);
  });

  it("waits for another one", async () => {
    const places = filled();
    const said: string[] = [];
    const first = reset(places, say);
    await reset(places, (line) => said.push(line));
    expect(said).toEqual([`waiting for another reset (process ${process.pid})`]);
    expect(existsSync(places.root)).toBe(false);
    await first;
  });

  it.each(["locks/command", "home"])(
    "leaves the directory to a command that has %s by the time that the reset is done",
    (path) => {
      const places = samplePlaces();
      makeDirectory(places.root);
      for (const made of [places.locks, join(places.root, path)]) {
        mkdirSync(made, { recursive: true });
      }
      removeEmptied(places);
      expect(existsSync(join(places.root, path))).toBe(true);
      expect(() => {
        requireDirectory(places.root);
      }).not.toThrow();
    },
  );
});
