import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { resolveEngine, settingsFrom } from ".";
import { startOf } from "../services/processTable";
import { cachedExecutable, makeEntry } from "./cache";
import { entryName, fakeEngine, fakeGo, Site } from "./testing/fakes";

/** A resolver in a process of its own. */
function start(site: Site) {
  const child = spawn(
    process.execPath,
    [
      ...["--import", "tsx", join(__dirname, "testing/resolveOnce.ts")],
      JSON.stringify(site.options({ onProgress: undefined })),
    ],
    { cwd: join(__dirname, "../.."), stdio: ["ignore", "pipe", "inherit"] },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { pid: child.pid!, kill: child.kill.bind(child), output: () => output, ended };
}

const patience = { timeout: 20_000 };
const building = (site: Site) =>
  vi.waitFor(() => {
    expect(site.read("go.pid")).not.toBe("");
  }, patience);
/** Ids of the builds that were ever started, of this test's `go` alone. */
const builds = (site: Site): number[] => site.read("go.pid").trim().split("\n").map(Number);

/** Of a process that has just ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.on("close", resolve));
  return child.pid!;
}

describe("two runs on one cache", () => {
  it("build once: the second waits, says so, and takes what the first made", async () => {
    const site = new Site();
    fakeGo(site, { waitFor: join(site.root, "go-on") });
    const first = start(site);
    await building(site);
    const second = start(site);
    await vi.waitFor(() => {
      expect(second.output()).toContain(
        `process ${first.pid} is getting the engine; waiting for it (`,
      );
    }, patience);
    writeFileSync(join(site.root, "go-on"), "");
    expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
    expect(first.output()).toContain("source: go");
    expect(second.output()).toContain("source: cache");
    // The language host and the CLI.
    expect(builds(site)).toHaveLength(2);
    expect(site.cached()).toEqual([entryName]);
  });

  it("the second goes on where the first was killed, and clears up after it", async () => {
    const site = new Site();
    fakeGo(site, { seconds: 600 });
    const first = start(site);
    await building(site);
    const second = start(site);
    await vi.waitFor(() => {
      expect(second.output()).toContain("waiting");
    }, patience);
    const orphans = builds(site);
    fakeGo(site);
    first.kill("SIGKILL");
    // Nobody was left to end the build of a run that was killed so.
    for (const pid of orphans) process.kill(-pid, "SIGKILL");
    expect(await second.ended).toBe(0);
    expect(second.output()).toContain("source: go");
    expect(site.cached()).toEqual([entryName]);
  });
});

describe("a run that is interrupted", () => {
  it.each([
    ["SIGINT", 130],
    // Nobody listens for it but the engine's own clean-up.
    ["SIGTERM", null],
    // Makes it call process.exit.
    ["SIGUSR2", 7],
  ] as const)("by %s ends the build and leaves nothing", async (signal, code) => {
    const site = new Site();
    fakeGo(site, { seconds: 600 });
    const run = start(site);
    await building(site);
    run.kill(signal);
    expect(await run.ended).toBe(code);
    await vi.waitFor(() => {
      expect(builds(site).filter((pid) => startOf(pid) !== undefined)).toEqual([]);
    }, patience);
    expect(site.cached()).toEqual([]);
  });
});

describe("what runs leave behind that were killed", () => {
  it("is the lock: it is taken over", async () => {
    const site = new Site();
    fakeGo(site);
    const lock = join(site.cache, "making");
    mkdirSync(lock, { recursive: true });
    const holder = { pid: await deadPid(), started: "then", doing: "getting the engine" };
    writeFileSync(join(lock, "holder.json"), JSON.stringify(holder));
    expect(await resolveEngine(site.options())).toMatchObject({ source: "go" });
    expect(site.cached()).toEqual([entryName]);
  });

  it("is their workshops: they go, and those of living ones stay", async () => {
    const site = new Site();
    fakeGo(site);
    const living = `making-${process.pid}-00000000`;
    mkdirSync(join(site.cache, `making-${await deadPid()}-00000000`, "entry"), { recursive: true });
    mkdirSync(join(site.cache, living));
    await resolveEngine(site.options());
    expect(site.cached()).toEqual([entryName, living]);
  });
});

describe("two that make an engine at once, as in two containers on one checkout", () => {
  it.each([false, true])(
    "take the one that came first (an unusable one before: %s)",
    async (old) => {
      const site = new Site();
      const settings = settingsFrom(site.options());
      const bin = join(site.cache, entryName, "bin");
      if (old) fakeEngine(bin, "exit 1");
      else mkdirSync(site.cache);
      const make = (line: string, meanwhile?: () => Promise<unknown>) => () =>
        makeEntry(settings, async ({ entry }) => {
          fakeEngine(join(entry, "bin"), line);
          await meanwhile?.();
          return line;
        });
      await make("echo second", make("echo first"))();
      expect(readFileSync(cachedExecutable(settings), "utf8")).toContain("echo first");
      expect(site.cached()).toEqual([entryName]);
    },
  );
});
