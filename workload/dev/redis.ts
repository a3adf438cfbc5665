import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { connect } from "node:net";
import { freePort } from "./ports";

export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  readonly ended: Promise<void>;
  kill(): void;
}

/** Milliseconds in which a Redis without data is up, even on a busy machine. */
const PATIENCE_MS = 10_000;

/** Starts a Redis of its own that keeps nothing; undefined where none is installed. */
export async function startRedis(): Promise<RedisServer | undefined> {
  if (spawnSync("redis-server", ["--version"]).status !== 0) return undefined;
  const port = await freePort();
  const child = spawn(
    "redis-server",
    ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    { stdio: "ignore", cwd: "/" },
  );
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      resolve();
    });
  });
  await answers(port, child);
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    ended,
    kill: () => child.kill("SIGTERM"),
  };
}

async function answers(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error("redis-server is not up");
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

async function accepts(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (up: boolean) => {
      socket.destroy();
      resolve(up);
    };
    socket.once("connect", () => {
      end(true);
    });
    socket.once("error", () => {
      end(false);
    });
  });
}
