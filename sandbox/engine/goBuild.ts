import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Workshop } from "./cache";
import { failureOf, lastLines, runCommand } from "./command";
import { findOnPath } from "./executables";
import { clock, withProgress } from "./progress";
import { engineVersion, languageHostName } from "./requirements";
import { Unusable, type Environment, type EngineSettings } from "./types";
import { isOlder } from "./version";

/** Where the committed go.mod and go.sum files lie. */
const modules = join(__dirname, "go");

interface Program {
  /** Directory of its module. */
  readonly module: string;
  readonly package: string;
  /** File name of the result. */
  readonly name: string;
  readonly what: string;
  readonly usually: string;
  readonly linkerFlags: string;
}

// The small one first: a proxy that refuses modules shows within seconds.
const programs: readonly Program[] = [
  {
    module: "language-nodejs",
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    name: languageHostName,
    what: "the Node language host",
    usually: "1 to 2 minutes",
    linkerFlags: "-s -w",
  },
  {
    module: "cli",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    name: "pulumi",
    what: "the Pulumi CLI",
    usually: "4 to 6 minutes",
    // Without a version the CLI prints none, and the Automation API refuses it.
    linkerFlags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${engineVersion}`,
  },
];

/** Builds the engine from Go modules into the workshop. */
export async function buildWithGo(workshop: Workshop, settings: EngineSettings): Promise<string> {
  const go = await requireGo(settings);
  const environment = await buildEnvironment(settings.environment, workshop.scratch);
  const start = Date.now();
  for (const program of programs) {
    const outcome = await withProgress(
      (elapsed) =>
        `building ${program.what} from Go modules (${elapsed}, usually ${program.usually})`,
      { say: settings.onProgress, every: settings.limits.progress },
      () =>
        runCommand(
          go,
          [
            "build",
            // go.mod and go.sum are committed: what they do not name is an error, not an addition.
            "-mod=readonly",
            "-trimpath",
            "-buildvcs=false",
            ...["-ldflags", program.linkerFlags],
            ...["-o", join(workshop.entry, "bin", program.name)],
            program.package,
          ],
          { cwd: join(modules, program.module), environment, timeout: settings.limits.goBuild },
        ),
    );
    if (outcome.timedOut) {
      const most = clock(settings.limits.goBuild);
      throw new Unusable(`building ${program.what} was stopped after ${most}`);
    }
    if (outcome.code !== 0) {
      const said = lastLines(withoutDownloads(outcome.stderr), 4).replaceAll("\n", "; ");
      throw new Unusable(
        `building ${program.what} failed (${said === "" ? failureOf(outcome) : said})`,
      );
    }
  }
  settings.onProgress(`built the engine in ${clock(Date.now() - start)}`);
  return "built from Go modules; its language host runs no policy packs and installs nothing";
}

/** Oldest Go that builds every module, e.g. "1.25.11": their `go` lines say it. */
export async function oldestGo(): Promise<string> {
  let oldest = "0.0.0";
  for (const { module } of programs) {
    const text = await readFile(join(modules, module, "go.mod"), "utf8");
    const version = goVersion(/^go (\S+)$/m.exec(text)?.[1] ?? "");
    if (version === undefined) throw new TypeError(`go/${module}/go.mod has no go line`);
    if (isOlder(oldest, version)) oldest = version;
  }
  return oldest;
}

/** Path of a `go` that is new enough. */
async function requireGo(settings: EngineSettings): Promise<string> {
  const go = findOnPath("go", settings.environment);
  if (go === undefined) throw new Unusable("go is not on PATH");
  const outcome = await runCommand(go, ["version"], {
    environment: { ...settings.environment, GOTOOLCHAIN: "local" },
    timeout: settings.limits.answer,
  });
  const printed = /\bgo(\d[\w.]*)/.exec(outcome.stdout.replace(/^go version /, ""))?.[1];
  const version = goVersion(printed ?? "");
  if (outcome.code !== 0 || version === undefined) {
    const why = outcome.timedOut ? "no answer" : failureOf(outcome);
    throw new Unusable(`${go} version: ${why}`);
  }
  const needed = await oldestGo();
  if (isOlder(version, needed)) {
    throw new Unusable(`${go} is ${version}; Pulumi ${engineVersion} needs ${needed} or later`);
  }
  return go;
}

/** "1.25" and "1.26rc1" with three numbers, so that they compare. */
function goVersion(text: string): string | undefined {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?((?:rc|beta)\d+)?$/.exec(text);
  if (match === null) return undefined;
  const [, major, minor, patch = "0", pre] = match;
  return `${major}.${minor}.${patch}${pre === undefined ? "" : `-${pre}`}`;
}

/**
 * The user's environment (proxies, module proxy, caches), without what would make another program
 * of the same sources.
 */
async function buildEnvironment(environment: Environment, scratch: string): Promise<Environment> {
  const temporary = join(scratch, "go");
  await mkdir(temporary);
  return {
    ...environment,
    // Not empty: an empty one lets flags from `go env -w` through.
    GOFLAGS: "-mod=readonly",
    GOWORK: "off",
    // The installed Go builds. Otherwise Go would quietly fetch a compiler of some 70 MB, which a
    // closed network refuses in the middle of the build instead of before it.
    GOTOOLCHAIN: "local",
    // Pulumi's own releases are built so, and no C compiler is needed.
    CGO_ENABLED: "0",
    GOOS: process.platform,
    GOARCH: process.arch === "x64" ? "amd64" : process.arch,
    // A killed compiler leaves its files; they go with the workshop.
    GOTMPDIR: temporary,
  };
}

function withoutDownloads(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => !line.startsWith("go: downloading "))
    .join("\n");
}
