import { existsSync } from "node:fs";
import { describe, expect, inject, it } from "vitest";
import { enginesAtWork } from "../../sandbox/lifecycle/engines";
import { readState } from "../../sandbox/lifecycle/state";
import { eventually, newSandbox, processesOf } from "./fixture";
import { beginJob, type Begun } from "./killing";

const droplet = "digitalocean:index/droplet:Droplet";

describe.skipIf(!inject("engine"))("commands beside one another", () => {
  const { drops, cloud, visit, places } = newSandbox();
  const slowUp = async (seconds: number): Promise<Begun> => {
    const job = beginJob(places, [
      ...["sandbox", "up", "small", "--delay", `create:${droplet}=${seconds}`],
    ]);
    await eventually(
      async () => {
        const { resources } = (await (await cloud().catch(() => undefined))?.status()) ?? {};
        return resources?.some(({ type, ready }) => type === droplet && !ready) === true;
      },
      (begun) => begun,
    );
    return job;
  };
  const nothingLeft = async (): Promise<void> => {
    expect(existsSync(places.root)).toBe(false);
    await eventually(
      () => processesOf(places),
      (pids) => pids.length === 0,
      10,
    );
  };

  it("of which one at a time changes the sandbox; the others look, or are refused", async () => {
    const job = await slowUp(6);
    const refused = await Promise.all([
      drops("sandbox", "up", "small"),
      drops("sandbox", "destroy", "small", "--unprotect"),
    ]);
    for (const { status, stderr } of refused) {
      expect(status, stderr).toBe(2);
      expect(stderr).toContain(`another command is at work in this sandbox: "up small", process`);
      expect(stderr).toContain(String(job.pid));
    }
    const status = await drops("sandbox", "status");
    expect([status.status, status.stdout]).toEqual([0, expect.stringContaining("stack small:")]);
    expect((await job.ended).status, job.said()).toBe(0);
    expect((await visit("/readyz")).status).toBe(200);
    expect(readState(places, "small")?.pending).toEqual([]);
  });

  it("that only look start nothing where the cloud was killed, and say so", async () => {
    const { pid } = (await cloud()).address;
    process.kill(pid, "SIGKILL");
    const [status, json, outputs] = await Promise.all([
      drops("sandbox", "status"),
      drops("sandbox", "status", "--json"),
      drops("sandbox", "outputs", "small"),
    ]);
    expect(status.status).toBe(1);
    expect(status.stdout).toContain("The embedded cloud does not run");
    expect(status.stdout).toContain("npx drops sandbox refresh edge");
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ...{ running: false, kept: [] },
      stacks: [{ stack: "edge" }, { stack: "small", pending: 0 }],
    });
    expect([outputs.status, outputs.stdout]).toEqual([0, expect.stringContaining("publicUrl")]);
    await expect(cloud()).rejects.toThrow("does not run");
  });

  it("reset ends what a killed cloud left running, and deletes all files", async () => {
    expect(await processesOf(places)).not.toEqual([]);
    const reset = await drops("sandbox", "reset");
    expect([reset.status, reset.stderr]).toEqual([0, ""]);
    await nothingLeft();
    const status = await drops("sandbox", "status");
    expect([status.status, status.stdout]).toEqual([
      0,
      "Nothing is up. Try: npx drops sandbox up small\n",
    ]);
  });

  it("reset ends a command that is at work, and its engine", async () => {
    const job = await slowUp(60);
    const [engine] = enginesAtWork(places);
    const reset = await drops("sandbox", "reset");
    expect(reset.status, reset.stderr).toBe(0);
    expect(reset.stderr).toContain(`ending "up small" (process ${job.pid})`);
    expect((await job.ended).status).toBe(143);
    expect(engine).toBeDefined();
    await nothingLeft();
  });
});
