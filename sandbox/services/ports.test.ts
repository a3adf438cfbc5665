import { createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, expect, it } from "vitest";
import { freePort, keepPort, releasePort, requireFree, whoListens } from "./ports";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
const listen = async (port: number, host: string): Promise<number> => {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
};

it("hands out ports below those of outgoing connections, none of them twice", async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
  expect(new Set(ports).size).toBe(20);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  await listen(ports[0]!, "127.0.0.1");
});

it("takes the preferred one where it is free", async () => {
  const port = await freePort();
  expect(await freePort(port)).not.toBe(port);
  releasePort(port);
  expect(await freePort(port)).toBe(port);
  releasePort(port);
  keepPort(port);
  expect(await freePort(port)).not.toBe(port);
});

it.each(["127.0.0.1", "0.0.0.0"])("avoids a port that is in use on %s", async (host) => {
  const port = await freePort();
  await listen(port, host);
  releasePort(port);
  expect(await freePort(port)).not.toBe(port);
});

it("names who has a port", async () => {
  const port = await freePort();
  await expect(requireFree(port, "Postgres a1")).resolves.toBeUndefined();
  expect(await whoListens(port)).toBeUndefined();
  await listen(port, "127.0.0.1");
  expect(await whoListens(port)).toMatch(new RegExp(`^\\S.* \\(pid ${process.pid}\\)$`));
  await expect(requireFree(port, "Postgres a1")).rejects.toThrow(
    new RegExp(`^port ${port} of Postgres a1 is in use by .+ \\(pid ${process.pid}\\)\\. .*end `),
  );
});
