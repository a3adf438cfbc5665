import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { EngineError, engineReport, resolveEngine } from ".";
import { engineVersion, languageHostName, needs, oldestEngine } from "./requirements";
import { entryName, fakeEngine, fakeGo, script, Site } from "./testing/fakes";
import type { EngineOptions } from "./types";
import { isOlder } from "./version";

const refusal = (options: EngineOptions): Promise<EngineError> =>
  resolveEngine(options).then(
    (engine) => expect.fail(`took ${engine.path}`),
    (error: unknown) => {
      expect(error).toBeInstanceOf(EngineError);
      return error as EngineError;
    },
  );

describe("the order of sources", () => {
  it("takes PULUMI_BIN before the pulumi on PATH, and says so", async () => {
    const site = new Site();
    fakeEngine(site.bin, "echo v3.251.0");
    const named = fakeEngine(join(site.root, "mine"), "echo v3.252.0");
    const engine = await resolveEngine(site.options({ environment: { PULUMI_BIN: named } }));
    expect(engine).toEqual({
      path: named,
      version: "3.252.0",
      source: "PULUMI_BIN",
      why: "PULUMI_BIN names it",
      // The engine on PATH has a language host of its own, which this one would prefer.
      languageHostDir: dirname(named),
      tried: [{ source: "PULUMI_BIN", outcome: "used" }],
    });
  });

  it("takes the pulumi on PATH, without a directory where the engine finds its own host", async () => {
    const site = new Site();
    const path = fakeEngine(site.bin, "echo v3.251.0");
    const engine = await resolveEngine(site.options());
    expect(engine).toMatchObject({ path, version: "3.251.0", source: "PATH" });
    expect(engine.languageHostDir).toBeUndefined();
    expect(site.cached()).toEqual([]);
  });

  it("follows links: the language host lies beside the engine, not beside the link", async () => {
    const site = new Site();
    const real = fakeEngine(join(site.root, "opt"), "echo v3.251.0");
    symlinkSync(real, join(site.bin, "pulumi"));
    const engine = await resolveEngine(site.options());
    expect(engine).toMatchObject({ path: join(site.bin, "pulumi"), source: "PATH" });
    expect(engine.languageHostDir).toBeUndefined();
  });

  it("does not search relative entries of PATH", async () => {
    const site = new Site();
    const elsewhere = dirname(fakeEngine(join(site.root, "elsewhere"), "echo v3.252.0"));
    const path = fakeEngine(site.bin, "echo v3.251.0");
    const PATH = `${relative(process.cwd(), elsewhere)}::${site.environment()["PATH"] ?? ""}`;
    expect(await resolveEngine(site.options({ environment: { PATH } }))).toMatchObject({ path });
  });

  it("answers with an absolute path where PULUMI_BIN is a relative one", async () => {
    const site = new Site();
    const path = fakeEngine(join(site.root, "mine"), "echo v3.252.0");
    const PULUMI_BIN = relative(process.cwd(), path);
    expect(await resolveEngine(site.options({ environment: { PULUMI_BIN } }))).toMatchObject({
      path,
    });
  });

  it("goes on to the cache past an engine on PATH that is too old", async () => {
    const site = new Site();
    fakeEngine(site.bin, "echo v3.100.0");
    const kept = fakeEngine(join(site.cache, entryName, "bin"), `echo v${engineVersion}`);
    writeFileSync(
      join(site.cache, entryName, "origin.json"),
      JSON.stringify({ how: "built from Go modules", on: "2026-11-23" }),
    );
    const engine = await resolveEngine(site.options());
    expect(engine).toMatchObject({
      path: kept,
      source: "cache",
      why: "kept in the project's cache since 2026-11-23: built from Go modules",
      languageHostDir: dirname(kept),
      tried: [
        { source: "PULUMI_BIN", outcome: "not set" },
        {
          source: "PATH",
          outcome: `${site.bin}/pulumi is 3.100.0; the oldest that can be used is ${oldestEngine}`,
        },
        { source: "cache", outcome: "used" },
      ],
    });
    expect(engineReport(engine)).toContain("tried PATH");
  });

  it("makes another one where the cached one has stopped working", async () => {
    const site = new Site();
    fakeEngine(join(site.cache, entryName, "bin"), "exit 1");
    fakeGo(site);
    const engine = await resolveEngine(site.options());
    expect(engine).toMatchObject({ source: "go", version: engineVersion });
    expect(site.cached()).toEqual([entryName]);
    expect(await resolveEngine(site.options())).toMatchObject({ source: "cache" });
  });

  it("lists every source and the ways out where there is no engine at all", async () => {
    const site = new Site();
    const { message, name, tried } = await refusal(site.options());
    expect(name).toBe("EngineError");
    expect(tried.map(({ source, outcome }) => `${source}: ${outcome}`)).toEqual([
      "PULUMI_BIN: not set",
      "PATH: no pulumi on PATH",
      `cache: ${site.cache}/${entryName}/bin/pulumi does not exist`,
      "download: 127.0.0.1:1 cannot be reached (ECONNREFUSED)",
      "go: go is not on PATH",
    ]);
    for (const { outcome } of tried) expect(message).toContain(outcome);
    expect(message).toMatch(/install Pulumi 3\.\d+\.0 or later \(https:/);
    expect(message).toMatch(/set PULUMI_BIN/);
    expect(message).toMatch(/install Go 1\.\d+\.\d+ or later \(https:/);
    expect(site.cached()).toEqual([]);
  });

  it("says so where the cache cannot be written", async () => {
    const site = new Site();
    writeFileSync(site.cache, "a file where the directory would be");
    fakeGo(site);
    const { tried } = await refusal(site.options());
    expect(tried.find(({ source }) => source === "go")?.outcome).toMatch(/EEXIST|ENOTDIR/);
  });
});

describe("an engine that cannot be used", () => {
  const otherArch = process.arch === "x64" ? "arm64" : "x64";
  const elf = (machine: number): Buffer => {
    const head = Buffer.alloc(64);
    head.write("\x7fELF\x02\x01\x01", "latin1");
    head.writeUInt16LE(machine, 18);
    return head;
  };

  it.each<[string, RegExp, (path: string) => void]>([
    ["is not there", /does not exist/, () => undefined],
    [
      "is a directory",
      /is not a file/,
      (path) => {
        mkdirSync(path);
      },
    ],
    [
      "is not executable",
      /chmod \+x/,
      (path) => {
        writeFileSync(path, "");
      },
    ],
    [
      "crashes",
      /exit code 3: out of cheese/,
      (path) => script(path, "echo out of cheese >&2; exit 3"),
    ],
    ["dies of a signal", /SIGSEGV/, (path) => script(path, "kill -SEGV $$")],
    ["hangs", /no answer in 0\.5 s/, (path) => script(path, "sleep 60")],
    ["prints nothing", /printed nothing/, (path) => script(path, "exit 0")],
    ["prints something else", /printed "hello"/, (path) => script(path, "echo hello")],
    [
      "is too old",
      /is 3\.214\.9; the oldest that can be used is 3\.215\.0/,
      (path) => script(path, "echo v3.214.9"),
    ],
    [
      "is a pre-release of the oldest",
      /3\.215\.0-alpha\.1; the oldest/,
      (path) => script(path, "echo v3.215.0-alpha.1"),
    ],
    [
      "is of another major version",
      /is 4\.0\.0; only version 3/,
      (path) => script(path, "echo v4.0.0"),
    ],
    [
      "has no language host",
      new RegExp(`${languageHostName} is not beside it`),
      (path) => script(path, "echo v3.250.0"),
    ],
    [
      "is for another processor",
      new RegExp(`a program for linux ${otherArch}; this machine is`),
      (path) => {
        script(path);
        writeFileSync(path, elf(otherArch === "arm64" ? 0xb7 : 0x3e));
      },
    ],
  ])("PULUMI_BIN %s", async (what, message, make) => {
    const site = new Site();
    // A good one on PATH must not be taken in its place.
    if (what !== "has no language host") fakeEngine(site.bin, "echo v3.250.0");
    const PULUMI_BIN = join(site.root, "other");
    make(PULUMI_BIN);
    const error = await refusal(
      site.options({
        environment: { PULUMI_BIN },
        limits: { answer: what === "hangs" ? 500 : 30_000 },
      }),
    );
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^PULUMI_BIN names an engine that cannot be used/);
    expect(error.tried).toHaveLength(1);
  });

  it("an empty PULUMI_BIN counts as not set", async () => {
    const site = new Site();
    fakeEngine(site.bin, "echo v3.250.0");
    const engine = await resolveEngine(site.options({ environment: { PULUMI_BIN: "" } }));
    expect(engine.source).toBe("PATH");
  });
});

it("asks for the newest of what the program needs", () => {
  for (const { since } of needs) expect(isOlder(oldestEngine, since)).toBe(false);
  expect(needs.map(({ since }) => since as string)).toContain(oldestEngine);
  expect(isOlder(engineVersion, oldestEngine)).toBe(false);
});
