import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import { promisify } from "node:util";

const FIRST = 20_000;
/** First port that Linux lends to outgoing connections, where nobody has changed it. */
const USUAL_EPHEMERAL = 32_768;
/** Too small a range to find a free port in quickly. */
const ENOUGH = 1_000;

/**
 * Ports that belong to somebody here although nobody may listen on them yet, or while that somebody
 * is stopped.
 */
const promised = new Set<number>();

/**
 * A loopback port on which nobody listens, and which this process hands out once.
 *
 * @param preferred Taken where it is free.
 */
export async function freePort(preferred?: number): Promise<number> {
  const last = lastPort();
  // From a random place on, so that two processes rarely meet.
  const start = randomInt(FIRST, last + 1);
  const size = last - FIRST + 1;
  const candidates = function* (): Generator<number> {
    if (preferred !== undefined) yield preferred;
    for (let step = 0; step < size; step++) yield FIRST + ((start - FIRST + step) % size);
  };
  for (const port of candidates()) {
    if (promised.has(port)) continue;
    promised.add(port);
    if (await isFree(port)) return port;
    promised.delete(port);
  }
  throw new Error(`no port from ${FIRST} to ${last} is free on 127.0.0.1; end what uses them`);
}

/** Keeps a port that was handed out earlier, by another process, from being handed out again. */
export function keepPort(port: number): void {
  promised.add(port);
}

/** Gives back a port whose owner is gone for good. */
export function releasePort(port: number): void {
  promised.delete(port);
}

/**
 * @param owner Whose port it is, for the message, e.g. `Postgres of database "a1"`.
 * @throws Error where somebody listens on it already.
 */
export async function requireFree(port: number, owner: string): Promise<void> {
  if (await isFree(port)) return;
  const who = (await whoListens(port)) ?? "another process";
  throw new Error(
    `port ${port} of ${owner} is in use by ${who}. The port stays with its owner because clients are configured with it: end ${who}, then try again.`,
  );
}

/**
 * Who listens on a port of this machine, in words for a message, e.g. "nginx (pid 812)"; undefined
 * where nobody does or the system does not tell.
 */
export async function whoListens(port: number): Promise<string | undefined> {
  return process.platform === "linux" ? listenerByProc(port) : await listenerByLsof(port);
}

/** Below the range of outgoing connections, one of which could otherwise hold it at a restart. */
function lastPort(): number {
  let first = USUAL_EPHEMERAL;
  try {
    first = Number.parseInt(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8"), 10);
  } catch {
    // Not Linux: there the range begins higher.
  }
  return (first >= FIRST + ENOUGH ? Math.min(first, USUAL_EPHEMERAL) : USUAL_EPHEMERAL) - 1;
}

/**
 * Connecting finds who listens on all addresses, which binding does not everywhere; binding finds
 * who is about to listen. "localhost" may mean ::1 to a client, so nobody may be there either.
 */
async function isFree(port: number): Promise<boolean> {
  for (const host of ["127.0.0.1", "::1"]) {
    if ((await accepts(host, port)) || !(await canListen(host, port))) return false;
  }
  return true;
}

async function accepts(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", end(true)).once("error", end(false));
  });
}

async function canListen(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      // A machine without IPv6 has nobody there.
      resolve(error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT");
    });
    server.listen({ host, port, exclusive: true }, () =>
      server.close(() => {
        resolve(true);
      }),
    );
  });
}

const LISTENING = "0A";

function listenerByProc(port: number): string | undefined {
  const hexadecimal = port.toString(16).toUpperCase().padStart(4, "0");
  const sockets = ["tcp", "tcp6"]
    .flatMap((table) => lines(`/proc/net/${table}`))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTENING && local?.endsWith(`:${hexadecimal}`));
  const [socket] = sockets;
  if (socket === undefined) return undefined;
  const links = new Set(sockets.map((fields) => `socket:[${fields[9] ?? ""}]`));
  const pid = entries("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((name) => entries(`/proc/${name}/fd`).some((fd) => links.has(link(name, fd))));
  if (pid !== undefined) return `${lines(`/proc/${pid}/comm`)[0] ?? "process"} (pid ${pid})`;
  return `a process of the user with id ${socket[7] ?? "?"}`;
}

function link(pid: string, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return "";
  }
}

function entries(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function lines(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}

async function listenerByLsof(port: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("lsof", [
      ...["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"],
    ]);
    const field = (letter: string) => new RegExp(`^${letter}(.+)$`, "m").exec(stdout)?.[1];
    const pid = field("p");
    return pid === undefined ? undefined : `${field("c") ?? "process"} (pid ${pid})`;
  } catch {
    // Nobody listens, or there is no lsof.
    return undefined;
  }
}
