import { readdirSync, readFileSync, rmSync } from "node:fs";
import { describe, expect, inject, it } from "vitest";
import { enginesAtWork } from "../../sandbox/lifecycle/engines";
import { readState } from "../../sandbox/lifecycle/state";
import { eventually, newSandbox, processesOf, programOf } from "./fixture";
import { beginJob, type Begun } from "./killing";

const droplet = "digitalocean:index/droplet:Droplet";
const ruleset = "cloudflare:index/ruleset:Ruleset";

interface Rate {
  readonly requestsPerPeriod: number;
}

interface Kill {
  readonly how: string;
  readonly kill: (job: Begun) => void;
  /** What the command ends with; null: it was killed. */
  readonly status: number | null;
  /** What the next one says. */
  readonly says: RegExp;
}

/** Whoever is killed, at whatever moment: the next `up` mends it, and nothing is made twice. */
describe.skipIf(!inject("engine"))("a command that is killed", () => {
  const sandbox = newSandbox();
  const { drops, cloud, visit, places } = sandbox;
  const begin = (...args: string[]): Begun => beginJob(places, args);

  /** `up` puts all in order; returns what it said. */
  const mendedBy = async (...args: string[]): Promise<string> => {
    const up = await drops("sandbox", "up", ...args);
    expect(up.status, up.stdout + up.stderr).toBe(0);
    expect((await visit("/readyz")).status).toBe(200);
    const { resources } = await (await cloud()).status();
    const urns = resources.map(({ urn }) => urn);
    expect(urns.filter((urn, index) => urns.indexOf(urn) !== index)).toEqual([]);
    expect(resources.filter(({ ready }) => !ready)).toEqual([]);
    for (const stack of ["small", "edge"]) expect(readState(places, stack)?.pending).toEqual([]);
    const { kept } = JSON.parse((await drops("sandbox", "status", "--json")).stdout) as {
      kept: unknown[];
    };
    expect(kept).toEqual([]);
    return up.stdout + up.stderr;
  };
  const droplets = async () =>
    (await (await cloud()).status()).resources.filter(({ type }) => type === droplet);
  /** The droplet that the cloud has taken on and not finished. */
  const begunDroplet = async () =>
    await eventually(
      async () => (await droplets().catch(() => [])).find(({ ready }) => !ready),
      (found) => found !== undefined,
    );
  const pending = (stack: string) => readState(places, stack)?.pending.length ?? 0;
  /** As the cloud has it. */
  const requestsPerPeriod = (): number | undefined => {
    const { resources } = JSON.parse(readFileSync(places.world, "utf8")) as {
      resources: { urn: string; inputs: { rules?: { ratelimit?: Rate }[] } }[];
    };
    const limit = resources.find(({ urn }) => urn.endsWith("::edge-rate-limit"));
    return limit?.inputs.rules?.[0]?.ratelimit?.requestsPerPeriod;
  };
  /** A command in the middle of a change of the edge. */
  const changing = async () => {
    // Another number each time, so that there is something to change.
    const requests = (requestsPerPeriod() ?? 0) + 1;
    const edge = ["edge", "--set", `rateLimit.requestsPerPeriod=${requests}`];
    // Should it be killed, no fault of it may hit what the next one does.
    const faults = ["--delay", `update:${ruleset}=3`, "--fail", `read:${ruleset}`];
    const job = begin("sandbox", "up", ...edge, ...faults);
    await eventually(
      () => pending("edge"),
      (count) => count > 0,
    );
    return { job, edge, requests };
  };
  const engine = (): number => enginesAtWork(places)[0]?.pid ?? 0;

  it("as an engine that creates a server: the next takes over what the cloud makes of it", async () => {
    const { ended } = begin("sandbox", "up", "small", "--delay", `create:${droplet}=5`);
    const begun = await begunDroplet();
    process.kill(engine(), "SIGKILL");
    expect((await ended).status).toBe(2);
    // The cloud is still at it: nobody waits for it any more, and it finishes all the same.
    expect(await droplets()).toMatchObject([{ id: begun?.id, ready: false }]);
    expect(await mendedBy("small")).toContain("operations were interrupted");
    expect(await droplets()).toMatchObject([{ id: begun?.id, ready: true }]);
    expect(await mendedBy("small")).not.toMatch(/[+~-] \d+ (created|updated|deleted|replaced)/);
  });

  it("as an engine that replaces a server: one is left, with what it had", async () => {
    const rebuilt = ["small", "--set", "vps.rebuild=2"];
    const { ended } = begin("sandbox", "up", ...rebuilt, "--delay", `create:${droplet}=3`);
    const begun = await begunDroplet();
    process.kill(engine(), "SIGKILL");
    await ended;
    await mendedBy(...rebuilt);
    expect(await droplets()).toMatchObject([{ id: begun?.id }]);
  });

  it("as an engine that deletes: the next brings back what is gone", async () => {
    const { ended } = begin(
      ...["sandbox", "destroy", "small", "--unprotect", "--delay", `delete:${droplet}=3`],
    );
    await eventually(
      () => readState(places, "small")?.pending.map(({ resource: { urn } }) => urn) ?? [],
      (urns) => urns.some((urn) => urn.includes(droplet)),
    );
    process.kill(engine(), "SIGKILL");
    expect((await ended).status).toBe(2);
    await mendedBy("small");
  });

  it.each<Kill>([
    {
      how: "by kill -9 of its group and its engine's",
      kill: (job) => {
        const group = engine();
        job.killGroup("SIGKILL");
        process.kill(-group, "SIGKILL");
      },
      ...{ status: null, says: /operations were interrupted/ },
    },
    {
      how: "by SIGTERM: its engine ends in order",
      kill: (job) => {
        job.kill("SIGTERM");
      },
      ...{ status: 143, says: /Drops runs/ },
    },
  ])("$how", async ({ kill, status, says }) => {
    const { job, edge, requests } = await changing();
    kill(job);
    const ended = await job.ended;
    expect(ended.status, ended.stdout + ended.stderr).toBe(status);
    expect(await mendedBy(...edge)).toMatch(says);
    expect(requestsPerPeriod()).toBe(requests);
  });

  it("by kill -9 alone: its engine ends what it began, and the next waits for it", async () => {
    const { job, edge, requests } = await changing();
    const orphan = engine();
    process.kill(orphan, "SIGSTOP");
    job.kill("SIGKILL");
    await job.ended;
    const next = begin("sandbox", "up", ...edge);
    await eventually(next.said, (text) =>
      text.includes(`waiting for the engine (process ${orphan}) of a command that was killed`),
    );
    process.kill(orphan, "SIGCONT");
    expect((await next.ended).status, next.said()).toBe(0);
    expect(next.said()).toContain("15 unchanged");
    expect(requestsPerPeriod()).toBe(requests);
  });

  it("while it builds the app: the next builds it anew, and leaves the edge as it was set", async () => {
    const requests = requestsPerPeriod();
    rmSync(places.releases, { recursive: true });
    const job = begin("sandbox", "up", "small");
    await eventually(job.said, (text) => text.includes("building the reference app"));
    job.killGroup("SIGINT");
    expect((await job.ended).status).toBe(130);
    expect(await mendedBy("small")).toContain("building the reference app");
    expect(readdirSync(places.releases)).toHaveLength(1);
    expect(requestsPerPeriod()).toBe(requests);
  });

  it("while the release migrates: the next one releases anew", async () => {
    // What is in use already is not released once more; a new server has nothing.
    const rebuilt = ["small", "--set", "vps.rebuild=3"];
    const job = begin("sandbox", "up", ...rebuilt);
    const migration = await programOf(places, "dist/migrate.js");
    process.kill(migration, "SIGSTOP");
    job.killGroup("SIGINT");
    expect((await job.ended).status).toBe(130);
    process.kill(migration, "SIGCONT");
    await mendedBy(...rebuilt);
  });

  it("leaves nothing behind in the end", async () => {
    const job = begin(
      "sandbox",
      "destroy",
      "small",
      "--unprotect",
      "--delay",
      `delete:${droplet}=2`,
    );
    await eventually(
      () => pending("small"),
      (count) => count > 0,
    );
    job.kill("SIGKILL");
    await job.ended;
    const destroy = await drops("sandbox", "destroy", "small", "--unprotect");
    expect(destroy.status, destroy.stdout + destroy.stderr).toBe(0);
    await eventually(
      () => processesOf(places),
      (pids) => pids.length === 0,
      10,
    );
  });
});
