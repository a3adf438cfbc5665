import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, inject, it } from "vitest";
import { readState } from "../../sandbox/lifecycle/state";
import { openFeed } from "./feed";
import { eventually, newSandbox, processesOf, visitWith, type Visited } from "./fixture";
import { mediumIn } from "./mediumSandbox";

const json = (visited: Visited): Record<string, unknown> =>
  JSON.parse(visited.body) as Record<string, unknown>;
const nothingChanged = /[+~-] \d+ (to )?(create|update|delete|replace)d?/;

/** Fails as a migration may, and would tell what it must not. */
const failing = `
  console.log("migrating " + process.env.MIGRATION_DATABASE_URL);
  console.error("relation users does not exist");
  process.exit(3);
`;

describe.skipIf(!inject("engine"))("medium and its edge on the embedded cloud", () => {
  const sandbox = newSandbox();
  const { drops, begin, visit, cloud, places } = sandbox;
  const medium = mediumIn(sandbox);
  const up = async (...args: string[]) => await drops("sandbox", "up", "medium", ...args);

  it("comes up with a URL that answers, over two instances and a worker", async () => {
    const done = await up();
    expect(done.stderr + done.stdout).toContain("Drops runs: https://drops.sandbox.localhost:");
    expect(done.status, done.stdout + done.stderr).toBe(0);
    expect((await visit("/readyz")).status).toBe(200);
    expect((await visit("/")).body).toContain("<title>");
    const instances = await medium.services("web instance");
    expect(instances.map(({ state }) => state)).toEqual(["running", "running"]);
    expect(new Set(instances.map(({ pid }) => pid)).size).toBe(2);
    expect(await medium.pids("worker")).toHaveLength(1);
  });

  it("answers whichever of its instances is gone, and has it back", async () => {
    for (const index of [0, 1]) {
      const pid = (await medium.pids())[index];
      process.kill(pid ?? 0, "SIGKILL");
      await eventually(
        async () => (await medium.services("web instance")).map(({ state }) => state),
        (states) => states.includes("failing"),
      );
      for (let count = 0; count < 5; count += 1) expect((await visit("/")).status).toBe(200);
      await eventually(
        async () => (await medium.services("web instance")).map(({ state }) => state),
        (states) => states.every((state) => state === "running"),
      );
    }
  });

  it("tells every visitor's feed of a drop, whichever instance he is at", async () => {
    const feeds = await Promise.all([1, 2, 3, 4].map(() => openFeed(sandbox)));
    const opened = await visit("/api/users/7/drops", {
      ...{ method: "POST", headers: { "idempotency-key": "medium-test" } },
      body: { pack: "standard" },
    });
    expect(opened.status).toBe(201);
    await eventually(
      () => feeds.filter((feed) => feed.types().includes("drop-opened")).length,
      (told) => told === feeds.length,
    );
    for (const feed of feeds) feed.close();
  });

  it("refuses who goes round the edge", async () => {
    const host = String((await medium.outputs())["origin"]);
    expect((await medium.visitHost(host, "/")).status).toBe(403);
    // The platform's own checks go on.
    expect((await medium.visitHost(host, "/healthz")).status).toBe(200);
  });

  it("sends its metrics to the monitoring droplet, where their place is on this machine", async () => {
    const [instance] = await medium.services("web instance");
    expect(instance?.detail).toMatch(/REMOTE_WRITE_URL: 10\.120\.0\.\d+:4318 is 127\.0\.0\.1:\d+/);
    await eventually(
      async () => (await medium.services("receiver of metrics"))[0]?.detail,
      (detail = "") => detail.includes("medium/drops (2)") && detail.includes("drops-worker (1)"),
    );
  });

  it("changes nothing the second time", async () => {
    const pids = await medium.pids();
    expect((await drops("sandbox", "preview", "medium")).stdout).not.toMatch(nothingChanged);
    const again = await up();
    expect(again.stdout).not.toMatch(nothingChanged);
    expect(again.status).toBe(0);
    expect(await medium.pids()).toEqual(pids);
  });

  it("replaces every process for another image, and no visitor notices", async () => {
    const pids = await medium.pids();
    const statuses = new Set<number>();
    const visiting = new AbortController();
    const visitor = (async () => {
      while (!visiting.signal.aborted) {
        statuses.add((await visit("/readyz")).status);
        // Fewer than the edge takes for an attack.
        await sleep(200);
      }
    })();
    const image = await medium.image();
    const changed = await up("--set", `image=${image}`);
    visiting.abort();
    await visitor;
    expect(changed.status, changed.stdout + changed.stderr).toBe(0);
    expect(changed.stdout).toMatch(/~ 1 updated/);
    expect([...statuses]).toEqual([200]);
    expect((await medium.pids()).filter((pid) => pids.includes(pid))).toEqual([]);
    expect(json(await visit("/api/users/7/summary"))["dropsOpened"]).toBe(1);
  });

  it("serves on as it was where a pre-deploy job fails, and says why without a secret", async () => {
    const pids = await medium.pids();
    const image = await medium.image({ "migrate.js": failing });
    const failed = await up("--set", `image=${image}`);
    expect(failed.status).toBe(2);
    expect(failed.stdout).toContain("PRE_DEPLOY job migrate ended with exit code 3");
    expect(failed.stdout).toContain("relation users does not exist");
    expect(failed.stdout).toContain("migrating [secret]");
    expect(failed.stdout + failed.stderr).not.toMatch(/postgresql:\/\//);
    expect(await medium.pids()).toEqual(pids);
    expect((await visit("/readyz")).status).toBe(200);
  });

  it("serves on as it was where the new instances do not come up", async () => {
    const pids = await medium.pids();
    const image = await medium.image({ "index.js": "process.exit(5);" });
    const failed = await up("--set", `image=${image}`);
    expect(failed.status).toBe(2);
    expect(failed.stdout).toContain("ended with exit code 5");
    expect(await medium.pids()).toEqual(pids);
    expect((await visit("/readyz")).status).toBe(200);
    const back = await up();
    expect(back.status, back.stdout + back.stderr).toBe(0);
    expect((await visit("/readyz")).status).toBe(200);
  });

  const slow = (mark: string): Record<string, string> => ({
    "migrate.js": `
      require("node:fs").writeFileSync(${JSON.stringify(join(places.root, mark))}, "");
      setTimeout(() => process.exit(0), 4000);
    `,
  });

  it("is mended after Ctrl-C in the middle of a deployment", async () => {
    const image = await medium.image(slow("begun-1"));
    const { child, ended } = begin("sandbox", "up", "medium", "--set", `image=${image}`);
    await eventually(() => medium.isWritten("begun-1"), Boolean);
    child.kill("SIGINT");
    expect((await ended).status).toBe(130);
    expect((await visit("/readyz")).status).toBe(200);
    const mended = await up("--set", `image=${image}`);
    expect(mended.status, mended.stdout + mended.stderr).toBe(0);
    expect(readState(places, "medium")?.pending).toEqual([]);
  });

  /** What the stack runs from its last "up" on. */
  let image = "";

  it("is mended after its cloud was killed in the middle of a deployment", async () => {
    image = await medium.image(slow("begun-2"));
    const { ended } = begin("sandbox", "up", "medium", "--set", `image=${image}`);
    await eventually(() => medium.isWritten("begun-2"), Boolean);
    process.kill((await cloud()).address.pid, "SIGKILL");
    expect((await ended).status).toBe(2);
    const mended = await up("--set", `image=${image}`);
    expect(mended.status, mended.stdout + mended.stderr).toBe(0);
    expect((await visit("/readyz")).status).toBe(200);
    expect(await medium.pids()).toHaveLength(2);
    expect(readState(places, "medium")?.pending).toEqual([]);
    expect((await up("--set", `image=${image}`)).stdout).not.toMatch(nothingChanged);
  });

  it("finds what was changed behind the engine's back, and its own app as it is", async () => {
    const api = await cloud();
    const { resources } = await api.status();
    const alert = resources.find(({ urn }) => urn.endsWith("::alarms-cpu-warning-postgres"));
    await api.change(alert?.urn ?? "", { value: 99 });
    const refresh = await drops("sandbox", "refresh", "medium");
    expect(refresh.status, refresh.stdout).toBe(0);
    expect(refresh.stdout).toMatch(/~ 1 updated/);
    const pids = await medium.pids();
    const back = await up("--set", `image=${image}`);
    expect(back.stdout).toMatch(/~ 1 updated/);
    expect(await medium.pids()).toEqual(pids);
  });

  it("whose first deployment fails answers nobody, and comes up by the next try", async () => {
    const blue = ["--stack", "blue", "--set", "domain=", "--set", "vpcCidr=10.130.0.0/20"];
    const broken = await medium.image({ "migrate.js": failing });
    const failed = await up(...blue, "--set", `image=${broken}`);
    expect(failed.status).toBe(2);
    expect(failed.stdout).toContain("Nothing is live.");
    const [balancer] = await medium.services("balancer of drops-blue");
    expect(balancer?.state).toBe("stopped");
    const done = await up(...blue);
    expect(done.status, done.stdout + done.stderr).toBe(0);
    expect(done.stdout).toMatch(/Drops runs: https:\/\/drops-blue-\w{5}\.ondigitalocean/);
    const gone = await drops("sandbox", "destroy", "blue", "--unprotect");
    expect(gone.status, gone.stdout + gone.stderr).toBe(0);
    expect(await medium.services("drops-blue")).toEqual([]);
  });

  it("stands beside small, and the edge moves between them in place", async () => {
    const small = await drops("sandbox", "up", "small");
    expect(small.status, small.stdout + small.stderr).toBe(0);
    expect(small.stderr).toContain("stack edge points at medium");
    const dropsOpened = async (): Promise<unknown> =>
      json(await visit("/api/users/7/summary"))["dropsOpened"];
    expect(await dropsOpened()).toBe(1);
    for (const [live, opened] of [
      ["small", 0],
      ["medium", 1],
    ] as const) {
      const moved = await drops("sandbox", "up", "edge", "--set", `live=${live}`);
      expect(moved.status, moved.stdout + moved.stderr).toBe(0);
      expect(moved.stdout).not.toMatch(/[+-] \d+ (created|deleted|replaced)/);
      expect(await dropsOpened()).toBe(opened);
    }
    const gone = await drops("sandbox", "destroy", "small", "--unprotect");
    expect(gone.status, gone.stdout + gone.stderr).toBe(0);
    expect((await visit("/readyz")).status).toBe(200);
  });

  it("keeps secrets out of what it prints", async () => {
    const outputs = await drops("sandbox", "outputs", "medium");
    expect(outputs.stdout).toContain('"sealedSecrets": "[secret]"');
    const status = await drops("sandbox", "status", "--json");
    expect(status.stdout).not.toMatch(/AVNS_|PRIVATE KEY|postgresql:|EV\[/);
  });

  it("leaves nothing behind", async () => {
    const { edge } = (await cloud()).address;
    const ca = readFileSync(places.certificate);
    const destroy = await drops("sandbox", "destroy", "medium", "--unprotect");
    expect(destroy.status, destroy.stdout + destroy.stderr).toBe(0);
    expect(existsSync(places.root)).toBe(false);
    expect(await processesOf(places)).toEqual([]);
    await expect(visitWith(ca, edge.https, "/readyz")).rejects.toThrow();
  });
});

describe.skipIf(!inject("engine"))("medium without Cloudflare on the embedded cloud", () => {
  const sandbox = newSandbox();
  const { drops, visit } = sandbox;
  const medium = mediumIn(sandbox);
  const up = async (...args: string[]) => await drops("sandbox", "up", "medium", ...args);

  it("answers on the platform's own name where there is no domain, the feed across instances", async () => {
    const done = await up("--set", "domain=");
    expect(done.status, done.stdout + done.stderr).toBe(0);
    const [, host = ""] = /Drops runs: https:\/\/([\w.-]+):\d+/.exec(done.stdout) ?? [];
    expect(host).toMatch(/^drops-medium-[a-z0-9]{5}\.ondigitalocean\.app\.localhost$/);
    expect((await medium.visitHost(host, "/readyz")).status).toBe(200);
    const ports = (await medium.services("web instance")).flatMap(({ ports: own = [] }) => own);
    expect(ports).toHaveLength(2);
    const feeds = await Promise.all(ports.map((port) => medium.feedOf(port)));
    const opened = await fetch(`http://127.0.0.1:${ports[0] ?? 0}/api/users/7/drops`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": "medium-direct" },
      body: JSON.stringify({ pack: "standard" }),
    });
    expect(opened.status).toBe(201);
    await eventually(
      () => feeds.filter((feed) => feed.types().includes("drop-opened")).length,
      (told) => told === 2,
    );
    for (const feed of feeds) feed.close();
  });

  it("takes a domain of its own in place, which the platform's edge answers for", async () => {
    const done = await up("--set", "edge=direct");
    expect(done.status, done.stdout + done.stderr).toBe(0);
    expect(done.stdout).toContain("Drops runs: https://drops.sandbox.localhost:");
    expect((await visit("/readyz")).status).toBe(200);
    expect(json(await visit("/api/users/7/summary"))["dropsOpened"]).toBe(1);
    expect(readState(sandbox.places, "edge")).toBeUndefined();
  });

  it("has a pool and read replicas in front of the database, in place", async () => {
    const set = ["postgres.pool.mode=transaction", "postgres.readReplicas=1"];
    const done = await up("--set", "edge=direct", ...set.flatMap((one) => ["--set", one]));
    expect(done.status, done.stdout + done.stderr).toBe(0);
    const ready = await visit("/readyz");
    expect(ready.status, ready.body).toBe(200);
    expect(json(ready)["checks"]).toMatchObject({ postgres: "up", replica: "up" });
    expect(json(await visit("/api/users/7/summary"))["dropsOpened"]).toBe(1);
    const [pools] = await medium.services("connection pools");
    expect(pools?.detail).toContain("drops-app is drops");
  });

  it("leaves nothing behind", async () => {
    const destroy = await drops("sandbox", "destroy", "medium", "--unprotect");
    expect(destroy.status, destroy.stdout + destroy.stderr).toBe(0);
    expect(existsSync(sandbox.places.root)).toBe(false);
    expect(await processesOf(sandbox.places)).toEqual([]);
  });
});
