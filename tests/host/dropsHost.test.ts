import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import type { ApplyPayload, BundleFile } from "../../host/types";
import { describeWith, eventually, run, temporaryDirectory, type Finished } from "./support";
import { find } from "./programs";

const program = join(__dirname, "../../host/files/drops-host");
const version = (digit: string): string => digit.repeat(64);

describeWith(["python3", "bash"], "drops-host", () => {
  const base = temporaryDirectory();
  let root: string;
  let number = 0;

  beforeEach(() => {
    root = join(base, String(number++));
    mkdirSync(join(root, "var/lib/drops"), { recursive: true });
    mkdirSync(join(root, "var/lib/prometheus/node-exporter"), { recursive: true });
    writeFileSync(join(root, "var/lib/drops/bootstrap-done"), "now\n");
  });

  const host = (
    args: readonly string[],
    input = "",
    env: Readonly<Record<string, string>> = {},
  ): Finished =>
    run("python3", [program, ...args], { input, env: { DROPS_HOST_ROOT: root, ...env } });
  const apply = (payload: unknown, env = {}): Finished =>
    host(["apply"], JSON.stringify(payload), env);
  const read = (path: string): string => readFileSync(root + path, "utf8");
  const modeOf = (path: string): string => (statSync(root + path).mode & 0o7777).toString(8);
  const metric = (): string => read("/var/lib/prometheus/node-exporter/drops_deploy.prom");

  const file = (path: string, content: string, mode = "0644"): BundleFile => ({
    path,
    mode,
    content,
  });
  /** Notes what it was told, then does as the test wants. */
  const script = (then = ""): BundleFile =>
    file(
      "/usr/local/lib/drops/apply",
      `#!/bin/bash\nset -eu\ncp "$DROPS_CHANGED" "$DROPS_HOST_ROOT/changed"\n${then}\n`,
      "0755",
    );
  const payload = (
    files: readonly BundleFile[],
    secrets: Record<string, string> = {},
    digit = "a",
  ): ApplyPayload => ({ bundle: { version: version(digit), files }, secrets });

  it("installs files, secrets and the record of both, then runs the bundle's script", () => {
    const result = apply(
      payload([script(), file("/etc/nginx/nginx.conf", "events {}\n")], {
        "database-url": "postgres://u:hidden@h/d",
      }),
    );
    expect(result.output).toBe("drops-host: bundle aaaaaaaaaaaa applied, 3 changes\n");
    expect(result.status).toBe(0);
    expect(read("/etc/nginx/nginx.conf")).toBe("events {}\n");
    expect(modeOf("/etc/nginx/nginx.conf")).toBe("644");
    expect(modeOf("/usr/local/lib/drops/apply")).toBe("755");
    expect(read("/etc/drops/secrets/database-url")).toBe("postgres://u:hidden@h/d");
    expect(modeOf("/etc/drops/secrets/database-url")).toBe("600");
    expect(modeOf("/etc/drops/secrets")).toBe("700");
    expect(read("/changed").trim().split("\n")).toEqual([
      "/etc/drops/secrets/database-url",
      "/etc/nginx/nginx.conf",
      "/usr/local/lib/drops/apply",
    ]);
    expect(read(`/var/lib/drops/bundles/${version("a")}/etc/nginx/nginx.conf`)).toBe("events {}\n");
    expect(read("/var/lib/drops/version")).toBe(`${version("a")}\n`);
    expect(metric()).toContain('drops_deploy_failures_since_success{kind="apply"} 0\n');
    expect(read("/var/lib/drops/installed-at")).toMatch(/^\d{10}\n$/);
  });

  it("changes nothing the second time, and keeps the day of the first", () => {
    apply(payload([script()], { "redis-url": "redis://a" }));
    writeFileSync(join(root, "var/lib/drops/installed-at"), "1700000000\n");
    const again = apply(payload([script()], { "redis-url": "redis://a" }));
    expect(again.output).toContain("applied, 0 changes");
    expect(read("/changed")).toBe("");
    expect(read("/var/lib/drops/installed-at")).toBe("1700000000\n");
  });

  it("puts back what was changed by hand", () => {
    apply(payload([script(), file("/etc/a", "ours")]));
    writeFileSync(join(root, "etc/a"), "theirs");
    chmodSync(join(root, "etc/a"), 0o666);
    expect(apply(payload([script(), file("/etc/a", "ours")])).output).toContain("1 changes");
    expect([read("/etc/a"), modeOf("/etc/a")]).toEqual(["ours", "644"]);
  });

  it("removes what only the bundle before had, and secrets no longer sent", () => {
    mkdirSync(join(root, "etc"), { recursive: true });
    writeFileSync(join(root, "etc/theirs"), "not ours");
    apply(payload([script(), file("/etc/old", "x")], { "redis-url": "redis://a" }));
    const result = apply(payload([script()], {}, "b"));
    expect(result.status).toBe(0);
    expect(existsSync(join(root, "etc/old"))).toBe(false);
    expect(existsSync(join(root, "etc/drops/secrets/redis-url"))).toBe(false);
    expect(read("/etc/theirs")).toBe("not ours");
    expect(read("/changed")).toContain("/etc/old\n");
  });

  it("counts failures, keeps what is still to be done, and starts over after a success", () => {
    const failing = payload([script("exit 7"), file("/etc/a", "1")], { "redis-url": "redis://pw" });
    for (const count of [1, 2]) {
      const result = apply(failing);
      expect([result.status, result.output]).toEqual([
        1,
        "drops-host: failed: apply ended with status 7\n",
      ]);
      expect(metric()).toContain(`{kind="apply"} ${count}\n`);
    }
    apply(payload([script(), file("/etc/a", "1")], { "redis-url": "redis://pw" }));
    // The first run installed /etc/a; the one that succeeded still hears of it.
    expect(read("/changed")).toContain("/etc/a\n");
    expect(metric()).toContain('{kind="apply"} 0\n');
    expect(existsSync(join(root, "var/lib/drops/pending-changes"))).toBe(false);
  });

  it("keeps the newest five bundles", () => {
    for (const digit of ["1", "2", "3", "4", "5", "6", "7"]) {
      apply(payload([script(), file("/etc/a", digit)], {}, digit));
    }
    expect(readdirSync(join(root, "var/lib/drops/bundles")).sort()).toEqual(
      ["3", "4", "5", "6", "7"].map(version),
    );
  });

  const good = file("/etc/a", "x");
  it.each<[string, string, string]>([
    ["nothing", "", "not JSON"],
    ["half a payload", '{"bundle": {"version": "', "not JSON"],
    ["a list", "[]", "the payload must be"],
    ["an extra part", '{"bundle": {}, "secrets": {}, "x": 1}', "the payload must be"],
    ["no files", JSON.stringify(payload([])), "bundle.files must be a list of files"],
    [
      "a short version",
      JSON.stringify({ ...payload([good]), bundle: { version: "1", files: [good] } }),
      "bundle.version must be 64",
    ],
    ["a relative path", JSON.stringify(payload([file("etc/a", "x")])), "files[0].path must be"],
    ["a way out", JSON.stringify(payload([file("/etc/../root/a", "x")])), "files[0].path must be"],
    [
      "another place",
      JSON.stringify(payload([file("/root/.bashrc", "x")])),
      "files[0].path must be",
    ],
    [
      "a secret as a file",
      JSON.stringify(payload([file("/etc/drops/secrets/a", "x")])),
      "files[0].path must be",
    ],
    ["a set-user-id file", JSON.stringify(payload([file("/etc/a", "x", "4755")])), ".mode must be"],
    [
      "a file for all to write",
      JSON.stringify(payload([file("/etc/a", "x", "0666")])),
      ".mode must",
    ],
    ["a path twice", JSON.stringify(payload([good, good])), "files[1].path is there twice"],
    ["a bad secret name", JSON.stringify(payload([good], { "../x": "hidden" })), "a secret's name"],
    [
      "an empty secret",
      JSON.stringify(payload([good], { "redis-url": "" })),
      "secret redis-url must",
    ],
  ])("refuses %s in one line and touches nothing", (_, input, message) => {
    const result = host(["apply"], input);
    expect(result.status).toBe(2);
    expect(result.output).toMatch(/^drops-host: refused: [^\n]+\n$/);
    expect(result.output).toContain(message);
    expect(result.output).not.toContain("hidden");
    expect(existsSync(join(root, "etc"))).toBe(false);
  });

  it("waits for the first boot, within bounds, and says where to look", () => {
    const done = join(root, "var/lib/drops/bootstrap-done");
    run("rm", [done]);
    const late = apply(payload([script()]), { DROPS_HOST_WAIT_SECONDS: "0" });
    expect([late.status, late.output]).toEqual([
      2,
      "drops-host: refused: the first boot did not end within 0 s: see /var/log/cloud-init-output.log\n",
    ]);
    writeFileSync(join(root, "var/lib/drops/bootstrap-failed"), "line 40, status 100\n");
    expect(apply(payload([script()])).output).toContain(
      "the first boot failed (line 40, status 100)",
    );
  });

  it("lets one at a time", async () => {
    const slow = spawn(find("python3")!, [program, "apply"], {
      env: { ...process.env, DROPS_HOST_ROOT: root },
    });
    const ended = new Promise((resolve) => slow.on("exit", resolve));
    const wait = script('touch "$DROPS_HOST_ROOT/begun"; sleep 2');
    slow.stdin.end(JSON.stringify(payload([wait])));
    await eventually(() => statSync(join(root, "begun")));
    const second = apply(payload([script()]));
    expect([second.status, second.output]).toEqual([
      2,
      "drops-host: refused: another drops-host is at work; try again when it is done\n",
    ]);
    expect(await ended).toBe(0);
  });

  it("runs other verbs from the bundle, and no others", () => {
    apply(
      payload([
        script(),
        file("/usr/local/lib/drops/release", '#!/bin/bash\necho "got $*"; exit "$2"\n', "0755"),
        file("/usr/local/lib/drops/data", "not a program", "0644"),
      ]),
    );
    expect(host(["release", "x", "0"]).output).toBe("got x 0\n");
    expect(host(["release", "x", "3"]).status).toBe(1);
    expect(metric()).toContain('{kind="release"} 1\n');
    expect(metric()).toContain('{kind="apply"} 0\n');
    for (const verb of ["data", "missing", "../../../../bin/true", "Apply"]) {
      expect([verb, host([verb]).status]).toEqual([verb, 2]);
    }
    expect(host([]).status).toBe(2);
  });
});
