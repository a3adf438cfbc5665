import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startOf } from "../services/processTable";
import type { Places } from "../places";
import { alone, commandAtWork } from "./alone";
import { endEngines, enginesAtWork, noteEngine } from "./engines";
import { samplePlaces } from "./testing/sampleSandbox";

/** Leads a session with a member of a group of its own, as an engine with its language host. */
async function startEngine(places: Places): Promise<{ engine: ChildProcess; host: number }> {
  const engine = spawn("bash", ["-mc", "sleep 600 & echo $!; wait"], {
    ...{ detached: true, stdio: ["ignore", "pipe", "ignore"] },
  });
  const [text] = (await once(engine.stdout, "data")) as [Buffer];
  const host = Number(text.toString());
  onTestFinished(() => {
    engine.kill("SIGKILL");
    if (startOf(host) !== undefined) process.kill(host, "SIGKILL");
  });
  noteEngine(places, engine.pid ?? 0);
  return { engine, host };
}

async function ended(pid: number): Promise<void> {
  while (startOf(pid) !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe("a command", () => {
  const say = (): void => undefined;

  it("is the only one that changes a sandbox", async () => {
    const places = samplePlaces();
    await alone(places, "up small", say, async () => {
      await expect(alone(places, "destroy small", say, () => Promise.resolve())).rejects.toThrow(
        `another command is at work in this sandbox: "up small", process ${process.pid}`,
      );
    });
    await expect(alone(places, "destroy small", say, () => Promise.resolve(7))).resolves.toBe(7);
  });

  it("is no other one to itself", async () => {
    const places = samplePlaces();
    expect(commandAtWork(places)).toBeUndefined();
    await alone(places, "up small", say, () => {
      expect(commandAtWork(places)).toBeUndefined();
      return Promise.resolve();
    });
  });

  it("waits for the engine of one that was killed", async () => {
    const places = samplePlaces();
    const { engine } = await startEngine(places);
    const said: string[] = [];
    const order: string[] = [];
    const work = alone(
      places,
      "up small",
      (line) => {
        said.push(line);
        order.push("engine ends");
        engine.kill("SIGKILL");
      },
      () => Promise.resolve(order.push("work")),
    );
    await work;
    expect(order).toEqual(["engine ends", "work"]);
    expect(said).toEqual([
      `waiting for the engine (process ${engine.pid}) of a command that was killed`,
    ]);
  });
});

describe("an engine", () => {
  it("is found where its command was killed, and ended with what it started", async () => {
    const places = samplePlaces();
    const { engine, host } = await startEngine(places);
    expect(enginesAtWork(places)).toMatchObject([{ pid: engine.pid }]);
    await endEngines(places);
    await ended(host);
    expect(enginesAtWork(places)).toEqual([]);
  });

  it.runIf(process.platform === "linux")(
    "that was killed leaves no language host behind for long",
    async () => {
      const places = samplePlaces();
      const { engine, host } = await startEngine(places);
      engine.kill("SIGKILL");
      await once(engine, "exit");
      expect(startOf(host)).toBeDefined();
      expect(enginesAtWork(places)).toEqual([]);
      await ended(host);
    },
  );

  it("is no stranger that has got its number", () => {
    const places = samplePlaces();
    const note = join(places.locks, "engines", `${process.pid}.json`);
    mkdirSync(join(places.locks, "engines"), { recursive: true });
    writeFileSync(note, JSON.stringify({ pid: process.pid, started: "then" }));
    expect(enginesAtWork(places)).toEqual([]);
    expect(existsSync(note)).toBe(false);
  });
});
