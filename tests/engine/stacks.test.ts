import { existsSync } from "node:fs";
import { describe, expect, inject, it } from "vitest";
import { newSandbox } from "./fixture";

describe.skipIf(!inject("engine"))("two stacks side by side", () => {
  const { drops, visit, places } = newSandbox();

  it("live beside one another behind one edge, which moves from one to the other", async () => {
    const blue = ["small", "--stack", "blue", "--set", "vpcCidr=10.111.0.0/20"];
    for (const args of [["small"], blue]) {
      const up = await drops("sandbox", "up", ...args);
      expect(up.status, up.stdout + up.stderr).toBe(0);
    }
    const status = await drops("sandbox", "status");
    for (const stack of ["stack blue:", "stack edge:", "stack small:"]) {
      expect(status.stdout).toContain(stack);
    }
    const key = { "idempotency-key": "side-by-side" };
    await visit("/api/users/1/drops", { method: "POST", headers: key, body: { pack: "standard" } });
    const opened = async (): Promise<unknown> => {
      const { body } = await visit("/api/users/1/summary");
      return (JSON.parse(body) as Record<string, unknown>)["dropsOpened"];
    };
    expect(await opened()).toBe(1);
    const moved = await drops("sandbox", "up", "edge", "--set", "live=blue");
    expect(moved.status, moved.stdout + moved.stderr).toBe(0);
    expect(moved.stdout).toMatch(/~ 1 updated/);
    // The other stack has a database of its own.
    expect(await opened()).toBe(0);
  });

  it("go one by one", async () => {
    expect((await drops("sandbox", "destroy", "small", "--unprotect")).status).toBe(0);
    expect((await visit("/readyz")).status).toBe(200);
    expect((await drops("sandbox", "destroy", "blue", "--unprotect")).status).toBe(0);
    expect(existsSync(places.root)).toBe(false);
  });
});
