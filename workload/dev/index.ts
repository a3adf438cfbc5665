import { spawnSync } from "node:child_process";
import type { AddressInfo } from "node:net";
import { type Child, say, startChild } from "./child";
import { createPage, type Page } from "./page";
import { kept } from "./places";
import { DevError, freePort, listenAt, readAddress } from "./ports";
import { ReloadingServer } from "./server";
import type { Services } from "./services";

/** Everything that runs, in the order of its start. */
interface Running {
  services?: Child;
  servicePids?: readonly number[];
  server?: ReloadingServer;
  page?: Page;
}

const running: Running = {};
let ending = false;

/** Starts the whole app on this machine and prints where it is. */
async function main(): Promise<void> {
  const address = readAddress(process.env);
  const services = await startServices();
  const port = await freePort();
  running.server = new ReloadingServer({
    env: serverEnv(services, port),
    migrationUrl: services.migrationUrl,
    onLost: (how) => void end(how, 1),
  });
  await running.server.start();
  running.page = await createPage(port);
  await listenAt(running.page.http, address);
  const at = running.page.http.address() as AddressInfo;
  say(
    services.redisUrl === undefined
      ? "Redis: not installed; Postgres carries the live feed, and nothing is cached"
      : "Redis: its own, on a free port",
  );
  say(`Postgres: its own, on a free port; its files stay in ${kept}`);
  say(`open http://${at.family === "IPv6" ? `[${at.address}]` : at.address}:${at.port}/`);
  say("Ctrl-C ends everything");
}

async function startServices(): Promise<Services> {
  const child = startChild({ label: "services", program: ["dev/services.ts"] });
  running.services = child;
  const ready = new Promise<Services>((resolve) => {
    child.process.once("message", (message) => {
      resolve(message as Services);
    });
  });
  const first = await Promise.race([ready, child.ended]);
  if (typeof first === "string") throw new DevError(`Postgres and Redis: the process ${first}`);
  running.servicePids = first.pids;
  void child.ended.then((how) => end(`the process of Postgres and Redis ${how}`, 1));
  return first;
}

function serverEnv(services: Services, port: number): Record<string, string> {
  const { redisUrl } = services;
  return {
    DATABASE_URL: services.databaseUrl,
    REDIS_MODE: redisUrl === undefined ? "none" : "single",
    REDIS_URL: redisUrl ?? "",
    HOST: "127.0.0.1",
    PORT: String(port),
    // No balancer has to notice anything here.
    SHUTDOWN_DELAY_MS: "0",
    SHUTDOWN_TIMEOUT_MS: "3000",
    LOG_LEVEL: process.env["LOG_LEVEL"] ?? "warn",
  };
}

/** Ends every part, the newest first, whichever of them is there. */
async function end(reason: string, code: number): Promise<void> {
  if (ending) return;
  ending = true;
  say(`${reason}: ending`);
  try {
    await running.page?.close();
    await running.server?.stop();
    await running.services?.stop();
  } finally {
    killLeftOver(running.servicePids ?? []);
  }
  process.exit(code);
}

/** Only where their own process was killed are they still there. */
function killLeftOver(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      // For Postgres: the fast shutdown, which waits for nobody and needs no recovery.
      process.kill(pid, "SIGINT");
    } catch {
      // Gone, as it should be.
    }
  }
}

/** npm that is killed takes nobody with it; its shell and this process would stay behind unseen. */
function endWithNpm(): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  // npm itself, or the shell that npm was started from where it needs none of its own.
  const asked = spawnSync("ps", ["-o", "ppid=", "-p", String(process.ppid)], { encoding: "utf8" });
  const watched = [process.ppid, Number(asked.stdout)].filter((pid) => pid > 1);
  setInterval(() => {
    if (!watched.every(isAlive)) void end("npm is gone", 1);
  }, 1_000).unref();
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there and belongs to somebody else.
    return (error as { code?: unknown }).code === "EPERM";
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => void end(signal, 0));
}
// The terminal may be gone before everything else is.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);
endWithNpm();
main().catch((error: unknown) => {
  const known = error instanceof DevError;
  process.stderr.write(
    `dev: ${known ? error.message : ((error as Error).stack ?? String(error))}\n`,
  );
  void end("it did not start", 1);
});
