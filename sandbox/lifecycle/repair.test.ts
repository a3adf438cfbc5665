import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ResourceSummary } from "../cloud/client";
import type { Places } from "../places";
import { keyOf } from "./exported";
import { repair } from "./repair";
import { sample, samplePlaces, writeState, type SampleResource } from "./testing/sampleSandbox";
import { beginRun, unfinishedRun } from "./unfinished";

interface Case {
  readonly resources?: readonly SampleResource[];
  /** Operations under way when the engine ended. */
  readonly pending?: readonly { type: string; resource: SampleResource }[];
  /** What the cloud has. */
  readonly there?: readonly (SampleResource & { readonly ready?: boolean })[];
  /** What it had before the run; undefined: no run is unfinished. */
  readonly before?: readonly SampleResource[];
  /** What the engine takes for gone with another. */
  readonly goesWithAnother?: readonly SampleResource[];
  readonly locked?: boolean;
}

/** Repairs a stack with an engine and a cloud that only write down what is asked of them. */
async function repaired(found: Case) {
  const { resources = [], pending = [], there = [], before, goesWithAnother = [], locked } = found;
  const places = samplePlaces();
  const latest = { resources, pending_operations: pending };
  writeState(places, "small", latest);
  if (locked) lock(places);
  const keys = { before: before?.map(keyOf) ?? [], goesWithAnother: goesWithAnother.map(keyOf) };
  if (before) beginRun(places, "small", { verb: "up", ...keys });
  const asked: string[] = [];
  const said: string[] = [];
  let imported: typeof latest | undefined;
  await repair({
    places,
    ...{ stack: "small", say: (line) => said.push(line) },
    engine: {
      required: async (args, input) => {
        asked.push(args.filter((arg) => !arg.startsWith("-") && arg !== "small").join(" "));
        if (args[1] === "import") {
          imported = (JSON.parse(input ?? "") as { deployment: typeof latest }).deployment;
        }
        const stdout = args[1] === "export" ? JSON.stringify({ deployment: latest }) : "";
        return await Promise.resolve(stdout);
      },
    },
    cloud: {
      settled: async () =>
        await Promise.resolve(
          there.map((one): ResourceSummary => ({ ready: true, id: "", ...one })),
        ),
      remove: async (urn, id) => {
        asked.push(await Promise.resolve(`remove ${urn.split("::").at(-1)} ${id}`));
      },
    },
  });
  expect(unfinishedRun(places, "small")).toBeUndefined();
  return { asked, said: said.join("\n"), imported };
}

function lock({ state }: Places): void {
  const directory = join(state, ".pulumi/locks/organization/drops/small");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "1.json"), "{}");
}

const vps = sample("vps", "1");
const creating = { type: "creating", resource: sample("db") };

describe("the repair of a stack", () => {
  it("asks for nothing where the last run ended well", async () => {
    expect((await repaired({ resources: [vps], there: [vps] })).asked).toEqual([]);
  });

  it("takes away the lock of an engine that was killed", async () => {
    const { asked, said } = await repaired({ resources: [vps], there: [vps], locked: true });
    expect(asked).toEqual(["cancel"]);
    expect(said).toContain("taking its lock away");
  });

  it("takes over what the cloud made and the engine did not see the end of", async () => {
    const db = sample("db", "2");
    const { asked, imported } = await repaired({
      ...{ resources: [vps], pending: [creating], there: [vps, db], before: [] },
    });
    expect(imported).toEqual({ resources: [vps, db], pending_operations: [] });
    expect(asked).toEqual(["stack export", "stack import", "refresh"]);
  });

  it("forgets what the engine noted and never came to ask for", async () => {
    const { imported } = await repaired({
      ...{ resources: [vps], pending: [creating], there: [vps], before: [] },
    });
    expect(imported).toEqual({ resources: [vps], pending_operations: [] });
  });

  it("marks as replaced what the new one stands for", async () => {
    const replacement = { type: "creating", resource: sample("vps") };
    const { imported } = await repaired({
      ...{ resources: [vps], pending: [replacement], before: [vps] },
      there: [vps, sample("vps", "2")],
    });
    expect(imported?.resources).toEqual([{ ...vps, delete: true }, sample("vps", "2")]);
  });

  it("never takes over what the cloud had before the run, such as a bucket that was kept", async () => {
    const kept = sample("db", "old");
    const { asked, imported } = await repaired({
      ...{ pending: [creating], there: [kept], before: [kept] },
    });
    expect(imported?.resources).toEqual([]);
    expect(asked).not.toContain("remove db old");
  });

  it("deletes what its engine took for gone with a cluster that is still there", async () => {
    const user = sample("user", "3");
    const interrupted = {
      ...{ pending: [{ type: "deleting", resource: vps }], there: [vps, user] },
      ...{ before: [vps, user], goesWithAnother: [user] },
    };
    const forgotten = await repaired({ ...interrupted, resources: [vps] });
    expect(forgotten.asked).toContain("remove user 3");
    const known = await repaired({ ...interrupted, resources: [vps, user] });
    expect(known.asked).not.toContain("remove user 3");
  });

  it("deletes what was made and the engine never heard of, the last first", async () => {
    const there = [vps, sample("db", "2"), sample("user", "3")];
    const { asked, said } = await repaired({ resources: [vps], there, before: [vps] });
    expect(asked).toEqual(["stack export", "remove user 3", "remove db 2"]);
    expect(said).toContain("deleting what the engine does not know of (db, user)");
  });

  it("does not take over what is half made: it would never be finished", async () => {
    const { asked, imported } = await repaired({
      ...{ pending: [creating], there: [{ ...sample("db", "2"), ready: false }], before: [] },
    });
    expect(asked).toContain("remove db 2");
    expect(imported?.resources).toEqual([]);
  });

  it("looks again where the cloud no longer has what the state has, after an unfinished run", async () => {
    const { asked } = await repaired({ resources: [vps], there: [], before: [vps] });
    expect(asked).toEqual(["stack export", "refresh"]);
  });

  it("leaves to the user's refresh what was lost behind the engine's back", async () => {
    expect((await repaired({ resources: [vps], there: [] })).asked).toEqual([]);
  });

  it("reads anew what was being changed or deleted", async () => {
    const pending = [
      { type: "updating", resource: vps },
      { type: "deleting", resource: vps },
    ];
    const { asked, said } = await repaired({ resources: [vps], pending, there: [vps], before: [] });
    expect(said).toContain("2 operations were interrupted");
    expect(asked).toEqual(["stack export", "stack import", "refresh"]);
  });

  it("ends where the engine fails, and stays to be done", async () => {
    const places = samplePlaces();
    writeState(places, "small", { pending_operations: [creating] });
    beginRun(places, "small", { verb: "up", before: [] });
    const attempt = repair({
      places,
      ...{ stack: "small", say: () => undefined },
      engine: { required: async () => await Promise.reject(new Error("no such thing")) },
      cloud: {
        settled: async () => await Promise.resolve([]),
        remove: async () => {
          await Promise.resolve();
        },
      },
    });
    await expect(attempt).rejects.toThrow("no such thing");
    expect(unfinishedRun(places, "small")).toEqual({ verb: "up", before: [] });
  });
});
