import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { newPostgresService, type PostgresService } from "./postgres";
import { asClient, type Access } from "./testing/postgresClient";
import { isAlive, startOf } from "./processTable";

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const directory = mkdtempSync(join(tmpdir(), "drops-recovery-"));
chmodSync(directory, 0o755);
const lines: string[] = [];
const wanted = { major: 17, connectionLimit: 22 };
let service: PostgresService;
let access: Access;

beforeAll(async () => {
  service = newPostgresService({ directory, log: (line) => lines.push(line) });
  access = await service.ensure("one", wanted);
  await query("CREATE TABLE cards (name text)");
  await query("INSERT INTO cards VALUES ('a')");
});
afterAll(async () => {
  await service.stopAll();
  rmSync(directory, { recursive: true, force: true });
});

const query = (statement: string) => asClient(access, statement);
const status = () => service.statuses().find(({ resource }) => resource === "one")!;

describe("a database cluster in trouble", () => {
  const cards = () => query("SELECT name FROM cards");

  it("goes away when it is killed, and comes back by itself with its port and data", async () => {
    const { pid } = status();
    process.kill(pid!, "SIGKILL");
    await vi.waitFor(() => {
      expect(status()).toMatchObject({ state: "failing", detail: "was ended by SIGKILL" });
    });
    await expect(cards()).rejects.toThrow();
    // Whoever needs it waits for it.
    expect(await service.ensure("one", wanted)).toEqual(access);
    expect(status().state).toBe("running");
    expect(status().pid).not.toBe(pid);
    expect(await cards()).toEqual([{ name: "a" }]);
  });

  it("gets more connections where its plan has more", async () => {
    expect(await service.ensure("one", { major: 17, connectionLimit: 47 })).toEqual(access);
    expect(await query("SHOW max_connections")).toEqual([{ max_connections: "50" }]);
    expect(await cards()).toEqual([{ name: "a" }]);
  });

  it("says who has its port after a restart, and starts once it is free", async () => {
    await service.stopAll();
    expect(status()).toMatchObject({ state: "stopped" });
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(access.port, "127.0.0.1", resolve));
    const next = newPostgresService({ directory, log: (line) => lines.push(line) });
    await next.startAll();
    const [seen] = next.statuses();
    expect(seen).toMatchObject({ resource: "one", state: "failing", ports: [access.port] });
    expect(seen!.detail).toContain(`port ${access.port} of Postgres one is in use by`);
    expect(seen!.detail).toContain(`(pid ${process.pid})`);
    await new Promise((resolve) => stranger.close(resolve));
    service = next;
    await service.createDatabase("one", "again");
    expect(status().state).toBe("running");
    expect(status().detail).toBeUndefined();
    expect(await cards()).toEqual([{ name: "a" }]);
  });

  it("is found again after the cloud was killed, ended, and started with its data", async () => {
    await service.stopAll();
    const killed = spawn(
      process.execPath,
      [
        ...["--import", "tsx", "-e"],
        `const { newPostgresService } = require(${JSON.stringify(join(__dirname, "postgres.ts"))});
         newPostgresService({ directory: ${JSON.stringify(directory)}, log() {} })
           .startAll().then(() => console.log("up"));`,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await new Promise((resolve) => killed.stdout.once("data", resolve));
    killed.kill("SIGKILL");
    const record = readFileSync(join(directory, "one/postgres.process.json"), "utf8");
    const orphan = JSON.parse(record) as { pid: number; started: string };
    expect(isAlive(orphan)).toBe(true);
    service = newPostgresService({ directory, log: (line) => lines.push(line) });
    await service.startAll();
    expect(isAlive(orphan)).toBe(false);
    expect(status()).toMatchObject({ state: "running", ports: [access.port] });
    expect(await cards()).toEqual([{ name: "a" }]);
  });

  it("is not started with another major version", async () => {
    await expect(service.ensure("two", { ...wanted, major: 18 })).rejects.toThrow(
      "Postgres 18 cannot run here: the sandbox has Postgres 17",
    );
    expect(existsSync(join(directory, "two"))).toBe(false);
  });

  it("is removed without a trace, twice if need be", async () => {
    const { pid } = status();
    for (let time = 0; time < 2; time++) {
      await service.remove("one");
      expect(startOf(pid!)).toBeUndefined();
      expect(readdirSync(directory)).toEqual([]);
      expect(service.statuses()).toEqual([]);
    }
    await expect(service.createDatabase("one", "x")).rejects.toThrow(
      "there is no database cluster one",
    );
    await expect(service.remove("..")).rejects.toThrow("is no id of a database cluster");
  });
});
