import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { endUnnotedServer } from "./postgresLock";
import { commandLineOf, endProcess, isAlive, startOf } from "./processTable";

const directory = mkdtempSync(join(tmpdir(), "drops-lock-"));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe("a server's lock file", () => {
  const data = join(directory, "locked/data");
  const lock = join(data, "postmaster.pid");
  const idle = ["-e", "setInterval(() => {}, 1000)", "--"];
  const locked = (args: readonly string[]) => {
    mkdirSync(data, { recursive: true });
    const child = spawn(process.execPath, [...idle, ...args], { detached: true, stdio: "ignore" });
    writeFileSync(lock, `${child.pid ?? ""}\n${data}\n`);
    return { pid: child.pid!, started: startOf(child.pid!)! };
  };

  it("leads to a server that nobody noted, which is ended", async () => {
    const server = locked(["-D", data]);
    expect(commandLineOf(server.pid)).toContain(data);
    await endUnnotedServer(data);
    expect(isAlive(server)).toBe(false);
  });

  it("is removed where a stranger has the number by now", async () => {
    const stranger = locked([]);
    await endUnnotedServer(data);
    expect(isAlive(stranger)).toBe(true);
    expect(existsSync(lock)).toBe(false);
    await endProcess(stranger, ["SIGTERM"]);
    await endUnnotedServer(data);
  });
});
