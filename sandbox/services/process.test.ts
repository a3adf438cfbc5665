import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { writePrivately } from "./privateFile";
import { reapOrphans, superviseProcess, type ProcessSpec } from "./process";
import { endProcess, isAlive, memoryOf, startByPs, startOf } from "./processTable";

const directory = mkdtempSync(join(tmpdir(), "drops-process-"));
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

let count = 0;
/** A program that is ready once it has written its number into a file. */
function program(script: string, change: Partial<ProcessSpec> = {}) {
  const own = join(directory, String(++count));
  const up = join(own, "up");
  const lines: string[] = [];
  const spec: ProcessSpec = {
    name: "the program",
    command: process.execPath,
    args: ["-e", script],
    env: { UP: up },
    cwd: directory,
    logFile: join(own, "program.log"),
    record: join(own, "program.process.json"),
    signals: ["SIGTERM"],
    ready: () =>
      Promise.resolve(
        existsSync(up) && readFileSync(up, "utf8") === String(supervised.status().pid),
      ),
    restart: { minMs: 200, maxMs: 1_000 },
    log: (line) => lines.push(line),
    ...change,
  };
  const supervised = superviseProcess(spec);
  cleanups.push(() => supervised.stop());
  return { supervised, spec, lines, up };
}
const announces = `require("fs").writeFileSync(process.env.UP, String(process.pid));`;
const stays = `${announces} setInterval(() => {}, 1000);`;
const identity = (pid: number) => ({ pid, started: startOf(pid)! });

describe("a supervised process", () => {
  it("is started, noted, and stopped without a trace", async () => {
    const { supervised, spec } = program(stays);
    expect(supervised.status()).toEqual({ state: "stopped" });
    await supervised.start();
    await supervised.start();
    const { pid, state, memoryBytes } = supervised.status();
    expect(state).toBe("running");
    expect(memoryBytes).toBeGreaterThan(10_000_000);
    expect(JSON.parse(readFileSync(spec.record, "utf8"))).toEqual({
      ...{ name: "the program", signals: ["SIGTERM"] },
      ...identity(pid!),
    });
    expect(statSync(spec.record).mode & 0o777).toBe(0o600);
    expect(statSync(spec.logFile).mode & 0o777).toBe(0o600);
    await supervised.stop();
    expect(startOf(pid!)).toBeUndefined();
    expect(existsSync(spec.record)).toBe(false);
    expect(supervised.status()).toEqual({ state: "stopped" });
  });

  it("is out of reach of the terminal: it leads a session of its own", async () => {
    const { supervised } = program(stays);
    await supervised.start();
    // Only the leader of a process group can be signalled by the group's number.
    expect(() => process.kill(-supervised.status().pid!, 0)).not.toThrow();
  });

  it("inherits no environment", async () => {
    const { supervised, spec } = program(`console.log(JSON.stringify(process.env)); ${stays}`);
    await supervised.start();
    expect(Object.keys(JSON.parse(readFileSync(spec.logFile, "utf8")) as object)).toEqual(["UP"]);
  });

  it("comes back by itself after a growing pause", async () => {
    const { supervised, lines } = program(stays);
    await supervised.start();
    const pids = [supervised.status().pid!];
    for (let death = 0; death < 2; death++) {
      process.kill(pids.at(-1)!, "SIGKILL");
      await vi.waitFor(() => {
        expect(lines).toHaveLength(death + 1);
      });
      await supervised.start();
      expect(supervised.status().state).toBe("running");
      pids.push(supervised.status().pid!);
    }
    expect(new Set(pids).size).toBe(3);
    expect(lines).toEqual([
      "the program was ended by SIGKILL; starting it again in 0.2 s",
      "the program was ended by SIGKILL; starting it again in 0.4 s",
    ]);
  });

  it("does not come back once it was stopped, even in the pause before it", async () => {
    const { supervised, up } = program(stays, { restart: { minMs: 60_000, maxMs: 60_000 } });
    await supervised.start();
    process.kill(supervised.status().pid!, "SIGKILL");
    await vi.waitFor(() => {
      expect(supervised.status()).toEqual({ state: "failing", detail: "was ended by SIGKILL" });
    });
    const waiting = supervised.start();
    const refused = expect(waiting).rejects.toThrow("the program was stopped");
    await supervised.stop();
    await refused;
    rmSync(up);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(existsSync(up)).toBe(false);
  });

  it("can be started again while it is being stopped", async () => {
    const { supervised } = program(stays);
    await supervised.start();
    const first = supervised.status().pid;
    const [, again] = [supervised.stop(), supervised.start()];
    await again;
    expect(supervised.status().state).toBe("running");
    expect(supervised.status().pid).not.toBe(first);
  });

  it("is given up where it never comes up, with the end of its log", async () => {
    const { supervised, spec } = program(`console.error("no such setting"); process.exit(3)`);
    await expect(supervised.start()).rejects.toThrow(
      `the program ended with exit code 3:\n  no such setting\nIts log: ${spec.logFile}`,
    );
    expect(supervised.status()).toEqual({ state: "failing", detail: "ended with exit code 3" });
    expect(readFileSync(spec.logFile, "utf8").match(/no such setting/g)).toHaveLength(3);
  });

  it("says so where there is no such program", async () => {
    const { supervised } = program("", { command: "/no/such/program" });
    await expect(supervised.start()).rejects.toThrow(/the program cannot be run: .*ENOENT/);
  });

  it("is ended where it runs but does not get ready", async () => {
    const { supervised } = program(stays, { ready: () => Promise.resolve(false), readyMs: 200 });
    await expect(supervised.start()).rejects.toThrow("the program was not ready after 0.2 s");
    expect(supervised.status().pid).toBeUndefined();
  });

  it("ends what it started itself, too", async () => {
    const { supervised, up } = program(
      `const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
       require("fs").writeFileSync(process.env.UP + ".child", String(child.pid)); ${stays}`,
    );
    await supervised.start();
    const child = identity(Number(readFileSync(`${up}.child`, "utf8")));
    expect(isAlive(child)).toBe(true);
    process.kill(supervised.status().pid!, "SIGKILL");
    await vi.waitFor(() => {
      expect(isAlive(child)).toBe(false);
    });
  });
});

describe("what a killed supervisor left", () => {
  it("is ended before the next one starts it", async () => {
    const { supervised, spec } = program(stays);
    await supervised.start();
    const left = identity(supervised.status().pid!);
    const lines: string[] = [];
    const next = superviseProcess({
      ...spec,
      log: (line) => lines.push(line),
      ready: () => Promise.resolve(true),
    });
    // The killed one would not notice that it ended.
    cleanups.unshift(() => next.stop());
    await next.start();
    expect(isAlive(left)).toBe(false);
    expect(lines).toEqual(["the program: ended what an earlier supervisor had left"]);
  });

  it("is found below a directory and ended, and a stranger with the number is not", async () => {
    const stranger = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    cleanups.push(async () => {
      await endProcess(identity(stranger.pid!), ["SIGTERM"]);
    });
    const orphan = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
      detached: true,
    });
    const below = join(directory, "left");
    const record = { name: "x", signals: ["SIGTERM"] };
    const write = (place: string, text: string) => {
      writePrivately(join(below, place), text);
    };
    write("a/b/one.process.json", JSON.stringify({ ...record, ...identity(orphan.pid!) }));
    write("two.process.json", JSON.stringify({ ...record, pid: stranger.pid, started: "earlier" }));
    write("damaged.process.json", "{");
    write("data/three.process.json", JSON.stringify({ ...record, ...identity(stranger.pid!) }));
    expect(await reapOrphans(below)).toBe(1);
    expect(startOf(orphan.pid!)).toBeUndefined();
    expect(startOf(stranger.pid!)).toBeDefined();
    expect(existsSync(join(below, "a/b/one.process.json"))).toBe(false);
    expect(existsSync(join(below, "two.process.json"))).toBe(false);
    expect(await reapOrphans(join(directory, "no such directory"))).toBe(0);
  });

  it("gets SIGKILL in the end, whatever it makes of other signals", async () => {
    const { supervised, spec } = program(`process.on("SIGTERM", () => {}); ${stays}`);
    await supervised.start();
    const left = identity(supervised.status().pid!);
    writeFileSync(spec.record, JSON.stringify({ name: "x", signals: [], ...left }));
    expect(await reapOrphans(join(spec.record, ".."))).toBe(1);
    expect(isAlive(left)).toBe(false);
  });
});

describe("the process table", () => {
  it("tells processes apart, and knows none that are gone", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    const before = identity(child.pid!);
    expect(isAlive(before)).toBe(true);
    expect(isAlive({ ...before, started: "at another time" })).toBe(false);
    await new Promise((resolve) => child.once("exit", resolve));
    expect(isAlive(before)).toBe(false);
    expect(memoryOf(before.pid)).toBeUndefined();
  });

  it("reads the same from ps, for systems without /proc", () => {
    expect(startByPs(process.pid)).toMatch(/^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/);
    expect(startByPs(2 ** 22 + 1)).toBeUndefined();
  });
});
