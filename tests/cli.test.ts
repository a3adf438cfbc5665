import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { projectRoot } from "../report/stackFile";

function drops(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(projectRoot, "cli/drops.cjs"), ...args],
    // From elsewhere: the project is found by where it is, not by where one stands.
    { encoding: "utf8", cwd: tmpdir() },
  );
  return { status, stdout, stderr };
}

describe("drops preview", () => {
  it("prints the report and ends with 0", () => {
    const { status, stdout, stderr } = drops("preview", "small");
    expect(stderr).toBe("");
    expect(stdout).toContain("small (small): preview, composed without an account");
    expect(status).toBe(0);
  });

  it("previews every deployable stack without a name", () => {
    const { status, stdout } = drops("preview", "--format", "json");
    expect(status).toBe(0);
    const reports = JSON.parse(stdout) as { stack: string }[];
    expect(reports.map(({ stack }) => stack)).toEqual(["large", "medium", "small"]);
  });

  it("gives an array for several stacks", () => {
    const { stdout } = drops("preview", "small", "edge", "--format", "json");
    expect((JSON.parse(stdout) as { stack: string }[]).map(({ stack }) => stack)).toEqual([
      "small",
      "edge",
    ]);
  });

  it("writes to a file", () => {
    const directory = mkdtempSync(join(tmpdir(), "drops-out-"));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const out = join(directory, "preview.json");
    const { status, stdout } = drops("preview", "small", "--format", "json", "--out", out);
    expect([status, stdout]).toEqual([0, ""]);
    expect(JSON.parse(readFileSync(out, "utf8"))).toHaveProperty("cost.monthly", 49.95);
  });

  it("ends with 1 where a rule is not watched", () => {
    const { status, stdout } = drops(
      "preview",
      "small",
      "--set",
      "postgres.provider=external",
      "--set",
      "postgres.connectionLimit=60",
      "--set",
      "postgres.url=postgresql://u:p@db.example.com/drops",
    );
    expect(status).toBe(1);
    expect(stdout).toContain("not watched: memory (critical) on postgres");
  });

  it("ends with 1 where nothing guards what must be kept", () => {
    const { status, stdout } = drops("preview", "large", "--set", "protection=off");
    expect(status).toBe(1);
    expect(stdout).toMatch(/^Policy {2}6 findings \(warnings\)$/m);
    expect(stdout).toContain("registry-protected  registry-repository can be deleted");
  });

  it.each([
    [["preview", "small", "--set", "region=mars"], /drops:region: got "mars"/],
    [["preview", "small", "--set", "nonsense"], /--set takes key=value/],
    [["preview", "nowhere"], /no Pulumi\.nowhere\.yaml/],
    [["preview", "small", "--format", "yaml"], /--format takes text or json/],
    [["preview", "small", "--frmat", "json"], /--frmat/],
    [["preview", "small", "--out", "/nowhere/x"], /--out/],
    [["fly"], /"fly" is no command/],
    [["host", "render"], /drops host render <stack>/],
    [["host", "render", "edge"], /has no server/],
  ])("%j is refused with 2, in one answer without a stack trace", (args, message) => {
    const { status, stdout, stderr } = drops(...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect([status, stdout]).toEqual([2, ""]);
  });

  it("shows a stack trace when asked for", () => {
    expect(drops("preview", "nowhere", "--debug").stderr).toMatch(/\n\s+at /);
  });
});

describe("drops host render", () => {
  it("prints the cloud-init document", () => {
    const { status, stdout } = drops("host", "render", "small");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^#cloud-config\n/);
  });
});

describe("drops help", () => {
  it.each([[[]], [["help"]], [["--help"]], [["preview", "--help"]], [["engine", "--help"]]])(
    "%j",
    (args) => {
      const { status, stdout } = drops(...args);
      expect(status).toBe(0);
      expect(stdout).toContain("Exit codes: 0 pass, 1 warnings, 2 failed");
    },
  );
});
