import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { connect } from "node:tls";

/** The Redis (or Valkey) that is installed on this machine. */
export interface RedisProgram {
  readonly command: string;
  /** E.g. "redis-server 7.0.15". */
  readonly what: string;
  readonly hasTls: boolean;
}

const names = ["valkey-server", "redis-server"] as const;

/** How a person gets one. */
export const redisAdvice =
  "apt-get install --no-install-recommends redis-server, or brew install redis";

const PING_MS = 2_000;

/** Undefined where none is installed. */
export function findRedis(path = process.env["PATH"] ?? ""): RedisProgram | undefined {
  for (const directory of path.split(delimiter)) {
    for (const name of names) {
      const command = join(directory, name);
      if (directory !== "" && isExecutable(command)) return describe(command, name);
    }
  }
  return undefined;
}

function describe(command: string, name: string): RedisProgram {
  const { stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  const [, version = ""] = /\bv=(\S+)/.exec(stdout) ?? [];
  return { command, what: `${name} ${version}`.trim(), hasTls: knowsTls(command) };
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

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether a server with TLS alone answers on a loopback port. */
export async function answersPing(
  port: number,
  password: string,
  /** PEM of the authority that signed its certificate. */
  ca: string,
): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, ca }, () => {
      socket.write(`AUTH default ${password}\r\nPING\r\n`);
    });
    const end = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PING_MS, end(false)).once("error", end(false)).once("close", end(false));
    let said = "";
    socket.on("data", (data: Buffer) => {
      said += data.toString("latin1");
      if (said.endsWith("+PONG\r\n")) end(true)();
      else if (said.includes("-")) end(false)();
    });
  });
}
