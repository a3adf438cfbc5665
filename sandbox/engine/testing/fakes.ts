import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { findOnPath } from "../executables";
import { engineVersion, languageHostName } from "../requirements";
import type { EngineOptions, Environment } from "../types";

/** Programs that the fakes call; nothing else of the machine is on their PATH. */
const tools = ["sh", "tar", "gzip", "sleep", "cat", "chmod", "env", "mkdir"];

/** A machine with nothing on it: temporary directories that go when the test ends. */
export class Site {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "drops-engine-")));
  /** On PATH; empty but for what a test puts there. */
  readonly bin = join(this.root, "bin");
  readonly cache = join(this.root, "cache");
  /** Lines that `say` collected. */
  readonly said: string[] = [];

  constructor() {
    const toolbox = join(this.root, "tools");
    mkdirSync(this.bin);
    mkdirSync(toolbox);
    for (const tool of tools) {
      const found = findOnPath(tool, process.env);
      if (found !== undefined) symlinkSync(found, join(toolbox, tool));
    }
    onTestFinished(() => {
      rmSync(this.root, { recursive: true, force: true });
    });
  }

  environment(extra: Environment = {}): Environment {
    return { PATH: `${this.bin}:${join(this.root, "tools")}`, HOME: this.root, ...extra };
  }

  /** Options under which nothing outside the site is touched; nobody listens for downloads. */
  options(extra: EngineOptions = {}): EngineOptions {
    return {
      cacheDirectory: this.cache,
      releasesUrl: "http://127.0.0.1:1/sdk",
      onProgress: (line) => this.said.push(line),
      ...extra,
      environment: this.environment(extra.environment),
    };
  }

  /** What lies in the cache: entries, workshops, the lock. */
  cached(): string[] {
    return existsSync(this.cache) ? readdirSync(this.cache).sort() : [];
  }

  read(name: string): string {
    const path = join(this.root, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }
}

/** Name of the one entry that a successful run leaves. */
export const entryName = `${engineVersion}-${process.platform}-${process.arch}`;

export function script(path: string, ...lines: string[]): string {
  writeFileSync(path, `#!/bin/sh\n${lines.join("\n")}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** An engine that does what the lines say when it is asked for its version. */
export function fakeEngine(directory: string, ...lines: string[]): string {
  mkdirSync(directory, { recursive: true });
  script(join(directory, languageHostName), "exit 0");
  return script(join(directory, "pulumi"), ...lines);
}

/**
 * A `go` that takes its time, waits for a file to appear and then "builds" an engine that does what
 * `built` says. Each call leaves its arguments in `go.log`, its environment in `go.env` and its
 * process id, which is its group's too, in `go.pid`.
 */
export function fakeGo(
  site: Site,
  { version = "go1.26.8", seconds = 0, waitFor = "/", built = `echo v${engineVersion}` } = {},
): void {
  script(
    join(site.bin, "go"),
    `if [ "$1" = version ]; then echo "go version ${version} linux/amd64"; exit 0; fi`,
    `echo "$PWD: $*" >> ${site.root}/go.log`,
    `env >> ${site.root}/go.env`,
    `echo $$ >> ${site.root}/go.pid`,
    `sleep ${seconds}`,
    `while [ ! -e ${waitFor} ]; do sleep 0.1; done`,
    `while [ "$1" != -o ]; do shift; done`,
    `printf '#!/bin/sh\\n%s\\n' '${built}' > "$2"`,
    `chmod +x "$2"`,
  );
}

/** The official archive for this system, with an engine that does what the lines say. */
export function archive(site: Site, ...lines: string[]) {
  const name = `pulumi-v${engineVersion}-${process.platform}-${process.arch}.tar.gz`;
  fakeEngine(join(site.root, "release", "pulumi"), ...lines);
  const file = join(site.root, name);
  execFileSync("tar", ["-czf", file, "-C", join(site.root, "release"), "pulumi"]);
  const bytes = readFileSync(file);
  const sum = createHash("sha256").update(bytes).digest("hex");
  return { name, bytes, sums: `${"0".repeat(64)}  another.tar.gz\n${sum}  ${name}\n` };
}

export const sumsName = `pulumi-${engineVersion}-checksums.txt`;

/** Answers by the last part of the path; anything else is 404. */
export function files(answers: Readonly<Record<string, string | Buffer>>): RequestListener {
  return (request, response) => {
    const answer = answers[request.url?.split("/").at(-1) ?? ""];
    if (answer === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-length": Buffer.byteLength(answer) }).end(answer);
  };
}

/** A server on loopback until the test ends; its base URL. */
export async function serve(listener: RequestListener | Server): Promise<string> {
  const server = typeof listener === "function" ? createServer(listener) : listener;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
