import { Redis } from "ioredis";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openAuthority } from "../certificates";
import type { CertificateAuthority } from "../contracts";
import { commandLineOf, isAlive, startOf } from "./processTable";
import type { FindProgram } from "./programs";
import { newValkeyService, type ValkeyService } from "./redis";
import { findRedis, redisAdvice } from "./redisProgram";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const directory = mkdtempSync(join(tmpdir(), "drops-valkey-"));
let authority: CertificateAuthority;
beforeAll(async () => {
  authority = await openAuthority(join(directory, "authority"), "Drops sandbox");
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe("where no redis-server is installed", () => {
  const own = (find: FindProgram = () => undefined) =>
    newValkeyService({
      ...{ directory: join(directory, "recorded"), authority, find },
      log: () => undefined,
    });

  it("a Valkey is recorded, with the same answers each time", async () => {
    const service = own();
    const access = await service.ensure("one", { evictionPolicy: "allkeys_lru" });
    expect(access).toMatchObject({ host: "localhost", user: "default" });
    expect(service.statuses()).toEqual([
      {
        ...{ resource: "one", what: "Valkey", state: "recorded", ports: [access.port] },
        detail: `no redis-server is installed: ${redisAdvice}`,
      },
    ]);
    const next = own();
    await next.startAll();
    expect(await next.ensure("one", {})).toEqual(access);
    await next.remove("one");
    expect(readdirSync(join(directory, "recorded"))).toEqual([]);
    expect(next.statuses()).toEqual([]);
  });

  it("nor one with TLS, the status says so", async () => {
    const program = join(mkdtempSync(join(directory, "programs-")), "redis-server");
    writeFileSync(
      program,
      `#!/bin/sh
[ "$1" = --version ] && echo "Redis server v=6.2.0 sha=0" && exit
echo ">>> 'tls-port 0'" >&2; exit 1\n`,
    );
    chmodSync(program, 0o755);
    const service = own((name) => (name === "redis-server" ? program : undefined));
    await service.ensure("one", {});
    const [status] = service.statuses();
    expect(status).toMatchObject({ what: "redis-server 6.2.0", state: "recorded" });
    expect(status!.detail).toContain("built without TLS");
    await service.remove("one");
  });
});

const installed = findRedis();
if (installed?.hasTls !== true && process.env["REQUIRE_ALL"] === "1") {
  it("has a redis-server with TLS", () => {
    throw new Error(`not run, there is no redis-server with TLS: ${redisAdvice}`);
  });
}

describe.skipIf(installed?.hasTls !== true)(`a managed Valkey (or not run: ${redisAdvice})`, () => {
  const lines: string[] = [];
  const own = () =>
    newValkeyService({
      ...{ directory: join(directory, "with spaces"), authority },
      log: (line) => lines.push(line),
    });
  let service: ValkeyService;
  let access: Awaited<ReturnType<ValkeyService["ensure"]>>;
  beforeAll(async () => {
    service = own();
    access = await service.ensure("one", {});
  });
  afterAll(async () => {
    await service.stopAll();
  });
  /** One command over TLS, with a password. */
  const ask = async (
    command: readonly string[],
    change: Partial<{ password: string; ca: string; tls: undefined }> = {},
  ): Promise<unknown> => {
    const client = new Redis({
      ...{ host: access.host, port: access.port, username: access.user, password: access.password },
      tls: { ca: change.ca ?? authority.certificate },
      ...{ lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, ...change },
    });
    const failures: Error[] = [];
    client.on("error", (error: Error) => failures.push(error));
    try {
      await client.connect();
      const [name, ...args] = command;
      return await client.call(name!, ...args);
    } catch (error) {
      throw failures[0] ?? error;
    } finally {
      client.disconnect();
    }
  };
  const status = () => service.statuses()[0]!;

  it("runs, and is the same when it is asked for again", async () => {
    expect(status()).toMatchObject({
      ...{ resource: "one", what: installed!.what, state: "running", ports: [access.port] },
    });
    const { pid } = status();
    expect(await service.ensure("one", {})).toEqual(access);
    expect(status().pid).toBe(pid);
  });

  it("answers over TLS alone, to those who know the password", async () => {
    expect(await ask(["SET", "kept", "yes"])).toBe("OK");
    await expect(ask(["PING"], { tls: undefined })).rejects.toThrow();
    // Of two ports this names the one without TLS.
    expect(String(await ask(["INFO", "server"]))).toContain(`tcp_port:${access.port}\r\n`);
    await expect(ask(["PING"], { password: "wrong" })).rejects.toThrow(/WRONGPASS/);
    const other = await openAuthority(join(directory, "other"), "Drops sandbox");
    await expect(ask(["PING"], { ca: other.certificate })).rejects.toThrow(/certificate|signature/);
  });

  it.each([["CONFIG", "GET", "dir"], ["MONITOR"], ["SHUTDOWN"], ["ACL", "LIST"]])(
    "lets nobody run %s",
    async (...command) => {
      await expect(ask(command)).rejects.toThrow(/NOPERM/);
    },
  );

  it("has the eviction policy that is asked for, and its data still", async () => {
    const policy = async () =>
      /^maxmemory_policy:(.*)\r$/m.exec(String(await ask(["INFO", "memory"])))?.[1];
    expect(await policy()).toBe("noeviction");
    expect(await service.ensure("one", { evictionPolicy: "volatile_lru" })).toEqual(access);
    expect(await policy()).toBe("volatile-lru");
    expect(await ask(["GET", "kept"])).toBe("yes");
  });

  it("leaves its password in no argument, log or file that others may read", () => {
    const place = join(directory, "with spaces/one");
    const shown = [
      commandLineOf(status().pid!),
      readFileSync(join(place, "redis.log"), "utf8"),
      readFileSync(join(place, "redis.conf"), "utf8"),
      ...lines,
    ];
    expect(shown.join("\n")).not.toContain(access.password);
    for (const name of ["settings.json", "server.key", "redis.conf", "redis.log"]) {
      expect([name, statSync(join(place, name)).mode & 0o077]).toEqual([name, 0]);
    }
  });

  it("comes back by itself when it was killed", async () => {
    const { pid } = status();
    process.kill(pid!, "SIGKILL");
    await vi.waitFor(() => {
      expect(status()).toMatchObject({ state: "failing", detail: "was ended by SIGKILL" });
    });
    expect(await service.ensure("one", { evictionPolicy: "volatile_lru" })).toEqual(access);
    expect(status().pid).not.toBe(pid);
    expect(await ask(["PING"])).toBe("PONG");
  });

  it("is there again after a restart of the cloud, and removed without a trace", async () => {
    const left = { pid: status().pid!, started: startOf(status().pid!)! };
    await service.stopAll();
    expect(isAlive(left)).toBe(false);
    service = own();
    await service.startAll();
    expect(await ask(["GET", "kept"])).toBe("yes");
    const { pid } = status();
    await service.remove("one");
    expect(startOf(pid!)).toBeUndefined();
    expect(existsSync(join(directory, "with spaces/one"))).toBe(false);
  });
});
