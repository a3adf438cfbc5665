import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as secureRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll } from "vitest";
import { runningCloud, type CloudClient } from "../../sandbox/cloud/client";
import { checkout, placesIn, sandboxZone, type Places } from "../../sandbox/places";

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A sandbox of the test's own, in a directory of its own; gone after the file's tests. */
export function newSandbox() {
  const directory = mkdtempSync(join(tmpdir(), "drops-engine-"));
  const places = placesIn(join(directory, "sandbox"));
  afterAll(async () => {
    const reset = await drops(places, ["sandbox", "reset"]);
    rmSync(directory, { recursive: true, force: true });
    // Otherwise what runs in it would go on without its files.
    if (reset.status !== 0) throw new Error(`the sandbox was not ended: ${reset.stderr}`);
  }, 120_000);
  return {
    places,
    drops: async (...args: string[]) => await drops(places, args),
    begin: (...args: string[]) => begin(places, args),
    cloud: async () => await cloudOf(places),
    visit: async (path: string, init?: VisitInit) =>
      await visitWith(
        readFileSync(places.certificate),
        (await cloudOf(places)).address.edge.https,
        path,
        init,
      ),
  };
}
export type TestSandbox = ReturnType<typeof newSandbox>;

/** Runs the command as its users do. */
export async function drops(places: Places, args: readonly string[]): Promise<Ended> {
  return await begin(places, args).ended;
}

export function begin(
  places: Places,
  args: readonly string[],
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(
    process.execPath,
    [join(checkout, "cli/drops.cjs"), ...args, "--dir", places.root],
    { cwd: checkout, env: { ...process.env, NO_COLOR: "1" }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (status) => {
      resolve({ status, stdout, stderr });
    });
  });
  return { child, ended };
}

async function cloudOf(places: Places): Promise<CloudClient> {
  const cloud = await runningCloud(places);
  if (!cloud) throw new Error("the embedded cloud does not run");
  return cloud;
}

export interface VisitInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export interface Visited {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** One request as a visitor's: through the edge, its certificate verified by the sandbox's authority. */
export async function visitWith(
  ca: Buffer,
  port: number,
  path: string,
  { method = "GET", headers = {}, body }: VisitInit = {},
): Promise<Visited> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return await new Promise((resolve, reject) => {
    const request = secureRequest({
      ...{ host: "127.0.0.1", port, path, method, agent: false },
      servername: sandboxZone.domain,
      ca,
      headers: {
        host: sandboxZone.domain,
        ...(text !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
    });
    request.once("error", reject);
    request.once("response", (response) => {
      let answer = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk));
      response.once("error", reject);
      response.once("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer });
      });
    });
    request.end(text);
  });
}

/** Waits until something holds; says in the end what it last was. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  holds: (value: T) => boolean,
  seconds = 60,
): Promise<T> {
  const until = Date.now() + seconds * 1_000;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    if (Date.now() > until) throw new Error(`still ${JSON.stringify(value)} after ${seconds} s`);
    await sleep(200);
  }
}

/** Numbers of the processes whose arguments or environment name the sandbox's directory. */
export async function processesOf({ root }: Places): Promise<readonly number[]> {
  const { readdir, readFile } = await import("node:fs/promises");
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const parts = await Promise.all(
      ["cmdline", "environ"].map((file) =>
        readFile(`/proc/${name}/${file}`, "utf8").catch(() => ""),
      ),
    );
    if (parts.some((text) => text.includes(root))) found.push(Number(name));
  }
  return found;
}

/** Number of the sandbox's process that runs a program, as soon as it does. */
export async function programOf(places: Places, program: string): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    for (const pid of await processesOf(places)) {
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (line.includes(program)) return pid;
    }
    await sleep(20);
  }
  throw new Error(`nothing ran ${program} within 60 s`);
}
