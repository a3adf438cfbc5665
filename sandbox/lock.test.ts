import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { heldBy, tryLock, withLock } from "./lock";
import { startOf } from "./services/processTable";
import { checkout } from "./places";

let directory: string;
let lock: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "drops-lock-"));
  lock = join(directory, "locks/work");
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function take(): () => void {
  const taken = tryLock(lock, "test");
  if ("holder" in taken) throw new Error("the lock is taken");
  return taken.release;
}

/** A lock as somebody left it. */
function leave(holder: object | string): void {
  mkdirSync(lock, { recursive: true });
  const text = typeof holder === "string" ? holder : JSON.stringify(holder);
  writeFileSync(join(lock, "holder.json"), text);
}

const gone = { pid: 2 ** 22 + 1, started: "then", doing: "up small" };

describe("a lock", () => {
  it("is held by one, who is named, and free again after", () => {
    const release = take();
    const again = tryLock(lock, "other");
    expect(again).toMatchObject({ holder: { pid: process.pid, doing: "test" } });
    release();
    expect(heldBy(lock)).toBeUndefined();
    take()();
    expect(readdirSync(join(directory, "locks"))).toEqual([]);
  });

  it.each([
    ["whoever held it was killed", gone],
    ["a stranger has got the holder's number", { ...gone, pid: process.pid }],
    ["another version left it", "4711"],
    ["nothing is in it", ""],
  ])("counts as free where %s", (_, holder) => {
    leave(holder);
    const release = take();
    expect(heldBy(lock)).toMatchObject({ pid: process.pid });
    release();
    expect(existsSync(lock)).toBe(false);
  });

  it("is free after any number of holders that were killed one after the other", () => {
    leave(gone);
    let place = lock;
    for (const pid of [1, 2, 3].map((more) => gone.pid + more)) {
      place = join(place, "next");
      mkdirSync(place);
      writeFileSync(join(place, "holder.json"), JSON.stringify({ ...gone, pid }));
    }
    const release = take();
    expect(heldBy(lock)).toMatchObject({ pid: process.pid });
    release();
  });

  it("is no error where the sandbox was deleted meanwhile", () => {
    const release = take();
    rmSync(directory, { recursive: true });
    expect(release).not.toThrow();
  });

  it("is waited for, and passed on when the work has failed", async () => {
    const order: string[] = [];
    const first = withLock(lock, "first", async () => {
      order.push("first begins");
      await new Promise((resolve) => setTimeout(resolve, 300));
      order.push("first ends");
      throw new Error("failed");
    });
    const second = withLock(lock, "second", () => Promise.resolve(order.push("second")));
    await expect(first).rejects.toThrow("failed");
    await second;
    expect(order).toEqual(["first begins", "first ends", "second"]);
  });

  it("is never held by two of many that take a dead one's over", async () => {
    leave(gone);
    const counter = join(directory, "counter");
    writeFileSync(counter, "");
    // Each appends a line, and fails where another is between its two looks at the file.
    const program = `
      const { withLock } = require(${JSON.stringify(join(checkout, "sandbox/lock.ts"))});
      const { readFileSync, appendFileSync } = require("node:fs");
      (async () => {
        for (let round = 0; round < 20; round += 1) {
          await withLock(${JSON.stringify(lock)}, "count", async () => {
            const before = readFileSync(${JSON.stringify(counter)}, "utf8").length;
            await new Promise((resolve) => setTimeout(resolve, 1));
            appendFileSync(${JSON.stringify(counter)}, ".");
            if (readFileSync(${JSON.stringify(counter)}, "utf8").length !== before + 1) process.exit(1);
          });
        }
      })();`;
    const run = (): Promise<number | null> =>
      new Promise((resolve) => {
        spawn(process.execPath, ["--import", "tsx", "-e", program], { cwd: checkout }).once(
          "exit",
          resolve,
        );
      });
    expect(await Promise.all([run(), run(), run()])).toEqual([0, 0, 0]);
  });

  it("is another's while that lives", () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    try {
      const pid = child.pid ?? 0;
      leave({ pid, started: startOf(pid), doing: "up small" });
      expect(tryLock(lock, "test")).toMatchObject({ holder: { pid, doing: "up small" } });
    } finally {
      child.kill("SIGKILL");
    }
  });
});
