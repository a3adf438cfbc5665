import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { renderBundle } from "../../host/bundle";
import { sampleSpec } from "./sample";
import { describeWith, eventually, freePort, run, start, temporaryDirectory } from "./support";

describeWith(["redis-server", "redis-cli"], "Redis", () => {
  const directory = temporaryDirectory();
  let port: number;
  const ask = (...command: string[]): string =>
    run("redis-cli", ["-h", "127.0.0.1", "-p", String(port), ...command]).output.trim();

  beforeAll(async () => {
    port = await freePort();
    const { content } = renderBundle(sampleSpec()).files.find(({ path }) =>
      path.endsWith("/redis.conf"),
    )!;
    const path = join(directory, "redis.conf");
    writeFileSync(
      path,
      content
        .replace("port 6379", `port ${port}`)
        .replace("dir /var/lib/redis", `dir ${directory}`)
        // Few megabytes fill sooner.
        .replace("maxmemory 256mb", "maxmemory 3mb"),
    );
    start("redis-server", [path]);
    await eventually(() => {
      expect(ask("ping")).toBe("PONG");
    });
  });

  it.each([
    ["maxmemory", "3145728"],
    ["maxmemory-policy", "allkeys-lru"],
    ["bind", "127.0.0.1"],
    ["save", ""],
    ["appendonly", "no"],
  ])("runs with %s %s", (name, value) => {
    expect(ask("config", "get", name)).toBe(`${name}\n${value}`.trim());
  });

  it("gives way when it is full instead of refusing writes", () => {
    const body = "x".repeat(100_000);
    for (let key = 0; key < 40; key++) {
      expect(ask("set", `key${key}`, body)).toBe("OK");
    }
    expect(Number(/evicted_keys:(\d+)/.exec(ask("info", "stats"))![1])).toBeGreaterThan(0);
  });
});
