import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeEngine } from "../engine/testing/fakes";
import { checkout, placesIn } from "../places";
import { makeDirectory } from "./directory";
import { writeState } from "./testing/sampleSandbox";

const directory = mkdtempSync(join(tmpdir(), "drops-commands-"));
const places = placesIn(join(directory, "sandbox"));
const calls = join(directory, "calls");

/** An engine that deletes a stack where it is told to, and hangs where the test wants it to. */
const engine = fakeEngine(
  join(directory, "engine"),
  `if [ "$1" = version ]; then echo v3.250.0; exit 0; fi`,
  `echo "$*" >> ${calls}`,
  `if [ "$1 $2" = "$HANGS" ] || [ "$1" = "$HANGS" ]; then`,
  "  trap 'exit 0' INT TERM",
  "  while :; do sleep 0.05; done",
  "fi",
  `if [ "$2" = export ]; then echo '{ "deployment": {} }'; fi`,
  `if [ "$1" = destroy ]; then rm ${places.state}/.pulumi/stacks/drops/small.json; fi`,
);

function begin(args: readonly string[], hangs = "") {
  const child = spawn(
    process.execPath,
    [join(checkout, "cli/drops.cjs"), "sandbox", ...args, "--dir", places.root],
    {
      env: { ...process.env, PULUMI_BIN: engine, HANGS: hangs },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<{ status: number | null; stderr: string }>((resolve) => {
    child.once("close", (status) => {
      resolve({ status, stderr });
    });
  });
  return { child, ended };
}
const called = (): string => (existsSync(calls) ? readFileSync(calls, "utf8") : "");

beforeEach(() => {
  rmSync(calls, { force: true });
  makeDirectory(places.root);
});
afterAll(async () => {
  await begin(["reset"]).ended;
  rmSync(directory, { recursive: true, force: true });
});

describe("a command", () => {
  it.each([
    ["state unprotect", ["destroy", "small", "--unprotect"], "SIGINT", 130],
    ["refresh", ["refresh", "small"], "SIGTERM", 143],
    ["stack init", ["up", "small", "--stack", "blue"], "SIGINT", 130],
  ] as const)("whose `%s` is interrupted does no more", async (hangs, args, signal, code) => {
    writeState(places, "small", {});
    const { child, ended } = begin(args, hangs);
    await vi.waitFor(
      () => {
        expect(called()).toContain(hangs);
      },
      { timeout: 20_000 },
    );
    child.kill(signal);
    const { status, stderr } = await ended;
    expect(status, stderr).toBe(code);
    expect(stderr).toContain("drops: interrupted: the next command goes on from here\n");
    expect(called().trim().split("\n")).toHaveLength(1);
  });

  it("that destroys one of several stacks takes that one's keys and files with it", async () => {
    for (const stack of ["small", "blue"]) writeState(places, stack, {});
    const ofSmall = ["ssh-keys.small.json", "project/Pulumi.small.yaml.sha256"];
    const ofBlue = ["ssh-keys.blue.json", "project/Pulumi.blue.yaml.sha256"];
    mkdirSync(places.project, { recursive: true });
    for (const file of [...ofSmall, ...ofBlue]) writeFileSync(join(places.root, file), "");
    const { status, stderr } = await begin(["destroy", "small"]).ended;
    expect(status, stderr).toBe(0);
    const there = (file: string): boolean => existsSync(join(places.root, file));
    expect([ofSmall.filter(there), ofBlue.filter(there)]).toEqual([[], ofBlue]);
  });

  it.each(["destroy", "refresh", "outputs"])(
    "%s takes no path for a stack, and leaves alone what is there",
    async (verb) => {
      const outside = join(directory, "mine.json");
      writeFileSync(outside, "{}");
      const { status, stderr } = await begin([verb, "../../mine"]).ended;
      expect([status, existsSync(outside)]).toEqual([2, true]);
      expect(stderr).toContain('"../../mine" is no name of a stack: it takes a letter');
      expect(called()).toBe("");
    },
  );

  it("whose cloud does not start could not be completed, and says why and where to look", async () => {
    await begin(["reset"]).ended;
    makeDirectory(places.root);
    writeState(places, "small", {});
    mkdirSync(places.cloud, { recursive: true });
    writeFileSync(places.world, '{ "format": 0 }');
    const { status, stderr } = await begin(["refresh", "small"]).ended;
    expect(status).toBe(3);
    expect(stderr).toContain(`the embedded cloud ended with code 1; its log is ${places.log}\n`);
    expect(stderr).toContain("world.json was written by another version");
    expect(stderr).not.toMatch(/^\s*at /m);
  });
});
