import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeDirectory, requireDirectory } from "./directory";
import { Sandbox } from "./sandbox";
import { samplePlaces } from "./testing/sampleSandbox";

/** Entries whose names end with "/" are directories. */
function fill(root: string, entries: readonly string[]): void {
  for (const entry of entries) {
    mkdirSync(root, { recursive: true });
    if (entry.endsWith("/")) mkdirSync(join(root, entry), { recursive: true });
    else writeFileSync(join(root, entry), "");
  }
}

const say = (): void => undefined;

describe("a sandbox's directory", () => {
  it.each([
    ["is not there yet", []],
    ["is empty", ["/"]],
    ["was left by a command that was killed while it made its marker", [".drops-sandbox"]],
  ])("is good where it %s", (_, entries) => {
    const { root } = samplePlaces();
    fill(root, entries);
    makeDirectory(root);
    fill(root, ["state/", "locks/", "what-a-later-version-wrote"]);
    expect(() => {
      requireDirectory(root);
      makeDirectory(root);
    }).not.toThrow();
  });

  it.each([
    ["somebody's own", ["thesis.txt"], "it holds thesis.txt"],
    ["somebody's with a sandbox's names", ["cloud/", "locks/"], "it holds cloud, locks"],
    ["somebody's with a marker of the name", ["cloud/", ".drops-sandbox"], "it holds cloud"],
  ])("is refused where it is %s, and nothing of it deleted", async (_, entries, message) => {
    const { root } = samplePlaces();
    fill(root, entries);
    const before = readdirSync(root);
    const attempt = async (): Promise<void> => {
      await new Sandbox({ directory: root, say }).reset();
    };
    await expect(attempt()).rejects.toThrow(message);
    expect(() => {
      makeDirectory(root);
    }).toThrow(message);
    expect(readdirSync(root)).toEqual(before);
  });

  it("behind a link is deleted, not only the link", async () => {
    const { root } = samplePlaces();
    makeDirectory(root);
    fill(root, ["ssh-keys.small.json"]);
    const link = `${root}-link`;
    symlinkSync(root, link);
    await new Sandbox({ directory: link, say }).reset();
    expect(existsSync(root)).toBe(false);
  });

  it("is refused where a link in its place, or on the way to it, leads to nothing", () => {
    const { root } = samplePlaces();
    symlinkSync(`${root}-gone`, root);
    for (const path of [root, join(root, "below")]) {
      for (const attempt of [requireDirectory, makeDirectory]) {
        expect(() => {
          attempt(path);
        }).toThrow(`${root} is a link to ${root}-gone, which is not there`);
      }
    }
  });

  it("is refused where a file is in its place, or on the way to it", () => {
    const { root } = samplePlaces();
    writeFileSync(root, "");
    for (const path of [root, join(root, "below")]) {
      expect(() => {
        requireDirectory(path);
      }).toThrow(`${root} is a file; name a directory`);
    }
  });

  it("is refused where it may not be written to", () => {
    const { root } = samplePlaces();
    mkdirSync(root, { recursive: true });
    chmodSync(root, 0o555);
    // Nothing is refused to root: a copy of the code is asked by somebody else.
    const place = mkdtempSync(join(tmpdir(), "drops-nobody-"));
    onTestFinished(() => {
      rmSync(place, { recursive: true });
    });
    for (const path of [place, join(root, "..")]) chmodSync(path, 0o755);
    const copy = join(place, "directory.cjs");
    const source = join(__dirname, "directory.ts");
    buildSync({ entryPoints: [source], outfile: copy, bundle: true, platform: "node" });
    const program = `require(${JSON.stringify(copy)}).requireDirectory(process.argv[1])`;
    const { status, stderr } = spawnSync(process.execPath, ["-e", program, join(root, "below")], {
      ...{ encoding: "utf8", cwd: place },
      ...(process.getuid?.() === 0 && { uid: 65534, gid: 65534 }),
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining("you may not write to")]);
  });

  it.runIf(process.platform === "linux")("is refused where the system cannot make it", () => {
    expect(() => {
      makeDirectory("/proc/drops-sandbox");
    }).toThrow(/it cannot be made \(ENOENT\)|you may not write to \/proc/);
  });
});
