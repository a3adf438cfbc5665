import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { renderBundle } from "../../host/bundle";
import { onPort, sampleSpec } from "./sample";
import {
  describeWith,
  freePort,
  run,
  temporaryDirectory,
  writeFiles,
  type Finished,
} from "./support";

/**
 * Stands in for systemd and PM2: starts whatever release the link points at. A release whose
 * program ends at once leaves nothing that listens.
 */
const fakeSystemctl = `#!/bin/bash
echo "$*" >> "$FAKE/systemctl"
case $1 in
  is-active) [ -s "$FAKE/pid" ] ;;
  reload | restart)
    if [ -s "$FAKE/pid" ]; then kill "$(cat "$FAKE/pid")" 2> /dev/null; while kill -0 "$(cat "$FAKE/pid")" 2> /dev/null; do sleep 0.05; done; fi
    "$DROPS_HOST_ROOT/usr/local/lib/drops/as-app" node "$DROPS_HOST_ROOT/srv/drops/current/dist/index.js" > "$FAKE/log" 2>&1 < /dev/null &
    echo $! > "$FAKE/pid"
    ;;
esac
`;
const server = (version: string): string => `
const { createServer } = require("node:http");
createServer((_, answer) => answer.end("${version} " + process.env.DATABASE_URL))
  .listen(Number(process.env.PORT), "127.0.0.1");
`;

describeWith(["bash", "python3", "curl"], "drops-host release", () => {
  const base = temporaryDirectory();
  let root: string;
  let port: number;
  let number = 0;

  beforeEach(async () => {
    root = join(base, String(number++));
    port = await freePort();
    writeFiles(root, renderBundle(onPort(sampleSpec(), port)).files);
    // Failures show within seconds here.
    const script = join(root, "usr/local/lib/drops/release");
    const text = readFileSync(script, "utf8");
    expect(text).toContain("SECONDS + 60");
    writeFileSync(
      script,
      text.replace("SECONDS + 60", "SECONDS + 4").replace("sleep 0.5", "sleep 0.05"),
    );
    writeFiles(root, [{ path: "/bin/systemctl", mode: "0755", content: fakeSystemctl }]);
    for (const path of ["fake", "var/lib/drops", "srv/drops/releases", "etc/drops/secrets"]) {
      mkdirSync(join(root, path), { recursive: true });
    }
    secret("database-url", "postgres://app");
    secret("database-owner-url", "postgres://owner");
    expect(helper("compose").output).toBe("");
    return () => {
      run("bash", ["-c", `kill "$(cat "${join(root, "fake/pid")}")"`]);
    };
  });

  const secret = (name: string, value: string): void => {
    writeFileSync(join(root, "etc/drops/secrets", name), value);
  };
  const helper = (name: string, ...args: string[]): Finished =>
    run(join(root, "usr/local/lib/drops", name), args, {
      env: {
        DROPS_HOST_ROOT: root,
        FAKE: join(root, "fake"),
        PATH: `${join(root, "bin")}:${process.env.PATH ?? ""}`,
      },
    });
  /** A directory with a version of the app. */
  const build = (version: string, files: Record<string, string> = {}): string => {
    const directory = join(root, "build", version);
    const all = { "dist/index.js": server(version), ...files };
    writeFiles(
      directory,
      Object.entries(all).map(([path, content]) => ({ path: `/${path}`, mode: "0644", content })),
    );
    return directory;
  };
  const current = (): string => readlinkSync(join(root, "srv/drops/current"));
  const ask = (): string => run("curl", ["-s", `http://127.0.0.1:${port}/`]).output;

  it("unpacks an archive, migrates as the owner, starts it and says so", () => {
    const directory = build("v1", {
      "dist/migrate.js": `require("node:fs").writeFileSync(${JSON.stringify(join(root, "fake/migrated"))},
        process.env.MIGRATION_DATABASE_URL + " " + process.env.DATABASE_URL)`,
    });
    const archive = join(root, "v1.tgz");
    run("tar", ["-czf", archive, "-C", directory, "."]);
    const result = helper("release", archive, "v1");
    expect(result.output).toBe("release: migrating\nrelease: v1 is in use\n");
    expect(result.status).toBe(0);
    expect(readFileSync(join(root, "fake/migrated"), "utf8")).toBe(
      "postgres://owner postgres://app",
    );
    expect(current()).toBe("releases/v1");
    expect(ask()).toBe("v1 postgres://app");
    expect(readFileSync(join(root, "var/lib/drops/released-at"), "utf8")).toMatch(/^\d{10}\n$/);
  });

  it("keeps the version before within reach, and releases the same one again", () => {
    helper("release", build("v1"), "v1");
    for (let time = 1; time <= 2; time++) {
      expect(helper("release", build("v2"), "v2").output).toBe("release: v2 is in use\n");
      expect(current()).toBe("releases/v2");
      expect(readlinkSync(join(root, "srv/drops/previous"))).toBe("releases/v1");
    }
    expect(ask()).toMatch(/^v2 /);
    expect(readFileSync(join(root, "fake/systemctl"), "utf8")).toContain("reload drops-app");
  });

  it("goes back when the new version is not healthy", () => {
    helper("release", build("v1"), "v1");
    const result = helper("release", build("v2", { "dist/index.js": "process.exit(1)" }), "v2");
    expect(result.output).toBe(
      "release: v2 is not healthy, going back to v1\n" +
        "release: v2 was not healthy; v1 is in use again\n",
    );
    expect(result.status).toBe(1);
    expect(current()).toBe("releases/v1");
    expect(ask()).toMatch(/^v1 /);
  });

  it("does not switch when the migration fails", () => {
    helper("release", build("v1"), "v1");
    const result = helper("release", build("v2", { "dist/migrate.js": "process.exit(4)" }), "v2");
    expect(result.output).toContain("the migration failed, v2 was not put into use");
    expect([result.status, current()]).toEqual([1, "releases/v1"]);
    expect(ask()).toMatch(/^v1 /);
  });

  it.each<[string, () => string[], string]>([
    ["no arguments", () => [], "usage"],
    ["a version that leads elsewhere", () => [build("v1"), "../v1"], "a version is letters"],
    ["something without the app", () => [join(root, "fake"), "v1"], "dist/index.js is missing"],
    ["a file that is no archive", () => [join(root, "bin/systemctl"), "v1"], "not a tar archive"],
  ])("refuses %s", (_, args, message) => {
    const result = helper("release", ...args());
    expect(result.output).toContain(message);
    expect(result.status).toBe(1);
    expect(existsSync(join(root, "srv/drops/current"))).toBe(false);
  });

  it("keeps the newest five and what is in use", () => {
    for (const version of ["v1", "v2"]) helper("release", build(version), version);
    for (const version of ["a", "b", "c", "d", "e", "f"]) {
      mkdirSync(join(root, "srv/drops/releases", version));
    }
    helper("release", build("v3"), "v3");
    const left = run("ls", [join(root, "srv/drops/releases")])
      .output.trim()
      .split("\n");
    expect(left).toEqual(expect.arrayContaining(["v2", "v3"]));
    expect(left).not.toContain("v1");
    expect(left.length).toBeLessThanOrEqual(6);
  });
});
