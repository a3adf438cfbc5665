import { existsSync, readFileSync } from "node:fs";
import { describe, expect, inject, it } from "vitest";
import { eventually, newSandbox, processesOf, visitWith, type Visited } from "./fixture";
import { openFeed } from "./feed";

const json = (visited: Visited): Record<string, unknown> =>
  JSON.parse(visited.body) as Record<string, unknown>;

describe.skipIf(!inject("engine"))("small and its edge on the embedded cloud", () => {
  const sandbox = newSandbox();
  const { drops, visit, cloud } = sandbox;
  const pids = async (what: string): Promise<readonly (number | undefined)[]> =>
    (await (await cloud()).status()).services
      .filter((service) => service.what.includes(what))
      .map(({ pid }) => pid);
  const urnOf = async (name: string): Promise<string> => {
    const { resources } = await (await cloud()).status();
    return resources.find(({ urn }) => urn.endsWith(`::${name}`))?.urn ?? "none";
  };

  it("comes up with a URL that answers", async () => {
    const up = await drops("sandbox", "up", "small");
    expect(up.stderr + up.stdout).toContain("Drops runs: https://drops.sandbox.localhost:");
    expect(up.status).toBe(0);
    expect((await visit("/readyz")).status).toBe(200);
    expect((await visit("/")).body).toContain("<title>");
  });

  it("serves the app: a drop is opened, a card given back, and the feed tells of both", async () => {
    const feed = await openFeed(sandbox);
    const key = (name: string) => ({ "idempotency-key": `engine-test-${name}` });
    const opened = await visit("/api/users/7/drops", {
      ...{ method: "POST", headers: key("drop"), body: { pack: "standard" } },
    });
    expect(opened.status).toBe(201);
    const { cards } = json(opened)["drop"] as { cards: { id: string }[] };
    const refunded = await visit(`/api/users/7/cards/${cards[0]?.id ?? ""}/refund`, {
      ...{ method: "POST", headers: key("refund") },
    });
    expect(refunded.status).toBe(200);
    const told = await eventually(
      () => feed.types(),
      (types) => types.includes("drop-opened") && types.includes("card-refunded"),
    );
    expect(told).toContain("welcome");
    feed.close();
  });

  it("lets the edge keep assets for a year, and sends everybody to HTTPS", async () => {
    const page = await visit("/");
    const asset = /\/assets\/[\w.-]+\.js/.exec(page.body)?.[0] ?? "/assets/none.js";
    await visit(asset);
    const again = await visit(asset);
    expect(again.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(again.headers["cf-cache-status"]).toBe("HIT");
    expect(page.headers["strict-transport-security"]).toMatch(/^max-age=\d+$/);
    expect((await visit("/api/users/7/cards")).headers["cf-cache-status"]).toBe("DYNAMIC");
  });

  it("changes nothing the second time", async () => {
    const preview = await drops("sandbox", "preview", "small");
    expect(preview.stdout).not.toMatch(/[+~-] \d+ to (create|update|delete)/);
    const apps = await pids("app");
    const up = await drops("sandbox", "up", "small");
    expect(up.stdout).not.toMatch(/[+~-] \d+ (created|updated|deleted)/);
    expect(up.status).toBe(0);
    expect(await pids("app")).toEqual(apps);
  });

  it("shows a change before it makes it, and makes it in place", async () => {
    const set = ["--set", "vps.size=s-4vcpu-8gb", "--set", "app.poolPerProcess=2"];
    const preview = await drops("sandbox", "preview", "small", ...set);
    expect(preview.stdout).toMatch(/size\s*:\s*"s-2vcpu-4gb" => "s-4vcpu-8gb"/);
    const droplet = await urnOf("vps-droplet");
    const before = await (await cloud()).find(droplet);
    const up = await drops("sandbox", "up", "small", ...set);
    expect(up.status, up.stdout + up.stderr).toBe(0);
    expect(await (await cloud()).find(droplet)).toEqual(before);
    expect((await visit("/readyz")).status).toBe(200);
  });

  it("builds the server anew, with the address that it had", async () => {
    const outputs = async (): Promise<{ origin: string }> =>
      JSON.parse((await drops("sandbox", "outputs", "small")).stdout) as { origin: string };
    const { origin } = await outputs();
    const before = await (await cloud()).find(await urnOf("vps-droplet"));
    const up = await drops("sandbox", "up", "small", "--set", "vps.rebuild=2");
    expect(up.status, up.stdout + up.stderr).toBe(0);
    const after = await (await cloud()).find(await urnOf("vps-droplet"));
    expect(after).toHaveLength(1);
    expect(after[0]?.id).not.toBe(before[0]?.id);
    expect((await outputs()).origin).toBe(origin);
    // What was in the database is still there.
    expect(json(await visit("/api/users/7/summary"))["dropsOpened"]).toBe(1);
  });

  it("is not ready while Postgres is gone, and is again with it, the app not restarted", async () => {
    const apps = await pids("app");
    const [postgres] = await pids("Postgres");
    process.kill(postgres ?? 0, "SIGKILL");
    await eventually(
      async () => (await visit("/readyz")).status,
      (status) => status === 503,
    );
    await eventually(
      async () => (await visit("/readyz")).status,
      (status) => status === 200,
    );
    expect(await pids("app")).toEqual(apps);
    expect((await pids("Postgres"))[0]).not.toBe(postgres);
  });

  it("finds what was changed and deleted behind the engine's back", async () => {
    const api = await cloud();
    const vpc = await urnOf("alarms-cpu-warning-web");
    await api.change(vpc, { value: 99 });
    await api.remove(await urnOf("alarms-memory-warning-web"));
    const refresh = await drops("sandbox", "refresh", "small");
    expect(refresh.status, refresh.stdout).toBe(0);
    expect(refresh.stdout).toMatch(/~ 1 updated/);
    expect(refresh.stdout).toMatch(/- 1 deleted/);
    const up = await drops("sandbox", "up", "small", "--set", "vps.rebuild=2");
    expect(up.stdout).toMatch(/\+ 1 created/);
    expect(up.stdout).toMatch(/~ 1 updated/);
  });

  it("is found again after its cloud was killed", async () => {
    const { pid } = (await cloud()).address;
    process.kill(pid, "SIGKILL");
    const up = await drops("sandbox", "up", "small", "--set", "vps.rebuild=2");
    expect(up.status, up.stdout + up.stderr).toBe(0);
    expect((await cloud()).address.pid).not.toBe(pid);
    expect(json(await visit("/api/users/7/summary"))["dropsOpened"]).toBe(1);
  });

  it("keeps secrets out of what it prints", async () => {
    const outputs = await drops("sandbox", "outputs", "small");
    expect(outputs.stdout).toContain('"admin": "[secret]"');
    const status = await drops("sandbox", "status", "--json");
    expect(status.stdout).not.toMatch(/AVNS_|PRIVATE KEY|postgresql:/);
  });

  it("is not deleted while it is protected", async () => {
    const destroy = await drops("sandbox", "destroy", "small");
    expect(destroy.status).toBe(2);
    expect(destroy.stderr).toContain("--unprotect");
    expect((await visit("/readyz")).status).toBe(200);
  });

  it("leaves nothing behind", async () => {
    const { edge } = (await cloud()).address;
    const ca = readFileSync(sandbox.places.certificate);
    const destroy = await drops("sandbox", "destroy", "small", "--unprotect");
    expect(destroy.status, destroy.stdout + destroy.stderr).toBe(0);
    expect(existsSync(sandbox.places.root)).toBe(false);
    expect(await processesOf(sandbox.places)).toEqual([]);
    // Another sandbox may have taken the port meanwhile; it has another authority.
    await expect(visitWith(ca, edge.https, "/readyz")).rejects.toThrow();
  });
});
