import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { placesIn } from "../places";
import { freePort } from "../services/ports";
import type { CloudAddress } from "./client";
import { codeVersion } from "./codeVersion";
import { ControlServer } from "./control";
import { startEmbeddedCloud } from "./embeddedCloud";

/** Ports that people remember; where they are taken, any free one. */
const preferred = { http: 8080, https: 8443 } as const;

const log = (line: string): void => {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
};

/** The cloud's process: `main.ts DIRECTORY`. It runs until it is told to stop. */
async function main(directory: string): Promise<void> {
  const places = placesIn(directory);
  mkdirSync(places.cloud, { recursive: true, mode: 0o700 });
  const cloud = await startEmbeddedCloud({ places, edgePorts, log });
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> =>
    (ending ??= cloud.stop().then(() => {
      rmSync(places.address, { force: true });
    }));
  const stop = (): void => {
    void end().then(() => process.exit(0));
  };
  const control = new ControlServer(
    {
      ...cloud.methods,
      stop: async () => {
        await end();
        // The answer goes out first.
        setTimeout(stop, 50);
      },
    },
    log,
  );
  const address: CloudAddress = {
    pid: process.pid,
    controlPort: await control.listen(),
    providerPorts: cloud.providerPorts,
    edge: cloud.edgePorts,
    token: control.token,
    codeVersion: codeVersion(),
  };
  writeFileSync(`${places.address}.new`, JSON.stringify(address), { mode: 0o600 });
  renameSync(`${places.address}.new`, places.address);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);
  log(`up: pid ${process.pid}`);

  /** The same as last time where that is possible, so that a link in a browser stays good. */
  async function edgePorts(): Promise<{ http: number; https: number }> {
    const file = `${places.cloud}/edge-ports.json`;
    const wanted = { ...preferred, ...before(file) };
    const ports = { http: await freePort(wanted.http), https: await freePort(wanted.https) };
    writeFileSync(file, JSON.stringify(ports), { mode: 0o600 });
    return ports;
  }
}

function before(file: string): Partial<typeof preferred> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Partial<typeof preferred>;
  } catch {
    return {};
  }
}

process.on("unhandledRejection", (error) => {
  log(`not foreseen: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
});
main(process.argv[2] ?? "").catch((error: unknown) => {
  log(
    `could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  process.exit(1);
});
