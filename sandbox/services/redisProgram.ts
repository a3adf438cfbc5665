import { spawnSync } from "node:child_process";
import { basename } from "node:path";
import { connect } from "node:tls";
import { findProgram, type FindProgram } from "./programs";

/** The Redis (or Valkey) that is installed on this machine. */
export interface RedisProgram {
  readonly command: string;
  /** E.g. "redis-server 7.0.15". */
  readonly what: string;
  readonly hasTls: boolean;
  /** Whether a cluster's port for its nodes can be chosen: from version 7.0 on. */
  readonly hasClusterPort: boolean;
}

/** How a person gets one. */
export const redisAdvice =
  "apt-get install --no-install-recommends redis-server, or brew install redis";

const PING_MS = 2_000;

/** Undefined where none is installed. */
export function findRedis(find: FindProgram = findProgram): RedisProgram | undefined {
  const command = find("valkey-server") ?? find("redis-server");
  if (command === undefined) return undefined;
  const { stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  const [, version = ""] = /\bv=(\S+)/.exec(stdout) ?? [];
  return {
    command,
    what: `${basename(command)} ${version}`.trim(),
    hasTls: knowsTls(command),
    hasClusterPort: Number.parseInt(version, 10) >= 7,
  };
}

/**
 * A server without TLS does not know the setting. Each one ends with an error that names the first
 * setting that it does not know, and none is called the last one.
 */
function knowsTls(command: string): boolean {
  const unknown = "no-such-setting";
  const { stdout, stderr } = spawnSync(command, ["-"], {
    input: `tls-port 0\n${unknown} 1\n`,
    encoding: "utf8",
  });
  return `${stdout}${stderr}`.includes(unknown);
}

/** How a server with TLS alone is asked. */
interface Access {
  /** Of 127.0.0.1. */
  readonly port: number;
  readonly password: string;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
}

/** Whether a server answers. */
export async function answersPing(access: Access): Promise<boolean> {
  return (await answerTo("PING", access)).includes("+PONG\r\n");
}

/** Whether a server of a cluster has found the others, so that it takes commands. */
export async function isInCluster(access: Access): Promise<boolean> {
  return (await answerTo("CLUSTER INFO", access)).includes("cluster_state:ok\r\n");
}

/** All that a server says until it hangs up; without an end where it does not answer. */
async function answerTo(command: string, { port, password, ca }: Access): Promise<string> {
  return await new Promise((resolve) => {
    let said = "";
    const socket = connect({ host: "127.0.0.1", port, ca }, () => {
      socket.write(`AUTH default ${password}\r\n${command}\r\nQUIT\r\n`);
    });
    const end = (): void => {
      socket.destroy();
      resolve(said);
    };
    socket.setTimeout(PING_MS, end).once("error", end).once("close", end);
    socket.on("data", (data: Buffer) => {
      said += data.toString("latin1");
    });
  });
}
