import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveEngine } from ".";
import { oldestGo } from "./goBuild";
import { engineVersion } from "./requirements";
import { entryName, fakeGo, script, Site } from "./testing/fakes";
import { EngineError, type EngineOptions } from "./types";

async function outcome(site: Site, options: EngineOptions = {}): Promise<string> {
  const error: unknown = await resolveEngine(site.options(options)).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(EngineError);
  expect(site.cached()).toEqual([]);
  return (error as EngineError).tried.find(({ source }) => source === "go")!.outcome;
}

describe("a build from Go modules", () => {
  it("makes both programs from the committed modules and keeps them", async () => {
    const site = new Site();
    fakeGo(site);
    const engine = await resolveEngine(
      site.options({ environment: { GOFLAGS: "-mod=mod", GOOS: "windows", GOPROXY: "https://p" } }),
    );
    expect(engine).toMatchObject({
      path: `${site.cache}/${entryName}/bin/pulumi`,
      version: engineVersion,
      source: "go",
      languageHostDir: `${site.cache}/${entryName}/bin`,
    });
    expect(site.cached()).toEqual([entryName]);
    expect(site.said).toEqual([
      "building the Node language host from Go modules (0:00, usually 1 to 2 minutes)",
      "building the Pulumi CLI from Go modules (0:00, usually 4 to 6 minutes)",
      expect.stringMatching(/^built the engine in \d+:\d\d$/),
    ]);

    const [languageHost, cli] = site.read("go.log").trim().split("\n");
    expect(languageHost).toMatch(/engine\/go\/language-nodejs: build -mod=readonly -trimpath/);
    expect(languageHost).toMatch(/sdk\/v3\/nodejs\/cmd\/pulumi-language-nodejs$/);
    expect(cli).toMatch(/engine\/go\/cli: build -mod=readonly -trimpath/);
    expect(cli).toMatch(new RegExp(`version\\.Version=v${engineVersion} .*pkg/v3/cmd/pulumi$`));
    const environment = site.read("go.env").split("\n");
    expect(environment).toContain("GOFLAGS=-mod=readonly");
    expect(environment).toContain("GOTOOLCHAIN=local");
    expect(environment).toContain(`GOOS=${process.platform}`);
    expect(environment).toContain("GOPROXY=https://p");
  });

  it("goes on saying how long it has been at it", async () => {
    const site = new Site();
    fakeGo(site, { seconds: 1 });
    await resolveEngine(site.options({ limits: { progress: 100 } }));
    expect(site.said.filter((line) => line.includes("the Pulumi CLI")).length).toBeGreaterThan(2);
  });

  it.each([
    ["go1.22.5", /go is 1\.22\.5; Pulumi 3\.250\.0 needs 1\.25\.11 or later/],
    ["go1.25", /go is 1\.25\.0; .* needs 1\.25\.11/],
    ["go1.19.8", /go is 1\.19\.8;/],
    ["nonsense", /go version: exit code 0/],
  ])("is refused to %s before anything is built", async (version, message) => {
    const site = new Site();
    fakeGo(site, { version });
    expect(await outcome(site)).toMatch(message);
    expect(site.read("go.log")).toBe("");
  });

  it.each(["go1.25.11", "go1.26", "go1.26rc1", "devel go1.27-abcdef"])(
    "%s will do",
    async (version) => {
      const site = new Site();
      fakeGo(site, { version });
      expect(await resolveEngine(site.options())).toMatchObject({ source: "go" });
    },
  );

  it("that fails says why, without its list of downloads", async () => {
    const site = new Site();
    script(
      join(site.bin, "go"),
      `if [ "$1" = version ]; then echo "go version go1.26.8 linux/amd64"; exit 0; fi`,
      `echo "go: downloading example.org/x v1.0.0" >&2`,
      `echo "go: example.org/x@v1.0.0: 403 Forbidden" >&2`,
      "exit 1",
    );
    expect(await outcome(site)).toBe(
      "building the Node language host failed (go: example.org/x@v1.0.0: 403 Forbidden)",
    );
  });

  it("that makes something else than an engine is not kept", async () => {
    const site = new Site();
    fakeGo(site, { built: "exit 9" });
    expect(await outcome(site)).toMatch(/exit code 9/);
  });

  it("is stopped when it takes too long", async () => {
    const site = new Site();
    fakeGo(site, { seconds: 60 });
    expect(await outcome(site, { limits: { goBuild: 300 } })).toMatch(/was stopped after 0:00$/);
  });
});

describe("the committed modules", () => {
  const module = (name: string): string =>
    readFileSync(join(__dirname, "go", name, "go.mod"), "utf8");

  it("require the engine's version", () => {
    expect(module("cli")).toContain(`github.com/pulumi/pulumi/pkg/v3 v${engineVersion}`);
    expect(module("cli")).toContain(`github.com/pulumi/pulumi/sdk/v3 v${engineVersion}`);
  });

  it("say how old Go may be", async () => {
    expect(module("cli")).toContain(`go ${await oldestGo()}\n`);
  });
});
