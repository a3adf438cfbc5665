import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Thrown for what a person has to mend; it is printed without a stack. */
export class DevError extends Error {
  override readonly name = "DevError";
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0, "127.0.0.1");
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface Address {
  readonly host: string;
  /** Told by the user: this one or none. undefined: the first free one from the usual one on. */
  readonly port: number | undefined;
}

const USUAL_PORT = 5173;
const TRIES = 20;

export function readAddress(env: Readonly<Record<string, string | undefined>>): Address {
  const host = env["HOST"]?.trim() ?? "";
  const port = env["PORT"]?.trim() ?? "";
  if (port !== "" && !(/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    throw new DevError(`PORT: got "${port}", allowed is a whole number from 1 to 65535`);
  }
  return { host: host === "" ? "127.0.0.1" : host, port: port === "" ? undefined : Number(port) };
}

/** Listens and resolves to the port. */
export async function listenAt(server: Server, { host, port }: Address): Promise<number> {
  const first = port ?? USUAL_PORT;
  const last = port ?? USUAL_PORT + TRIES - 1;
  for (let candidate = first; candidate <= last; candidate += 1) {
    try {
      return await listen(server, candidate, host);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code !== "EADDRINUSE") {
        throw new DevError(`cannot listen on ${host}:${candidate}: ${String(code)}`);
      }
    }
  }
  throw new DevError(
    port === undefined
      ? `the ports ${first} to ${last} are all in use; set PORT to a free one`
      : `port ${port} is in use; set PORT to another one, or leave it out to take the next free one`,
  );
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
