import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { readState } from "../../sandbox/lifecycle/state";
import { openFeed } from "./feed";
import { eventually, newSandbox, processesOf, visitWith, type Visited } from "./fixture";
import { largeIn } from "./largeSandbox";

const json = (visited: Visited): Record<string, unknown> =>
  JSON.parse(visited.body) as Record<string, unknown>;
const nothingChanged = /[+~-] \d+ (to )?(create|update|delete|replace)d?/;

/** Fails as a migration may, and would tell what it must not. */
const failing = `
  console.log("migrating " + process.env.MIGRATION_DATABASE_URL);
  console.error("relation users does not exist");
  process.exit(3);
`;

describe.skipIf(!inject("engine"))("large and its edge on the embedded cloud", () => {
  const sandbox = newSandbox();
  const { drops, begin, visit, cloud, places } = sandbox;
  const large = largeIn(sandbox);
  const { visitHost, isWritten } = large;
  const up = async (...args: string[]) => await drops("sandbox", "up", "large", ...args);
  /** A resource as the cloud has it. */
  const inWorld = (name: string): { urn: string; inputs: Record<string, unknown> } => {
    const { resources } = JSON.parse(readFileSync(places.world, "utf8")) as {
      resources: { urn: string; inputs: Record<string, unknown> }[];
    };
    const found = resources.find(({ urn }) => urn.endsWith(`::${name}`));
    if (found === undefined) throw new Error(`the cloud has no ${name}`);
    return found;
  };

  it("comes up with a URL that answers, over tasks in three zones", async () => {
    const done = await up();
    expect(done.stderr + done.stdout).toContain("Drops runs: https://drops.sandbox.localhost:");
    expect(done.status, done.stdout + done.stderr).toBe(0);
    const ready = await visit("/readyz");
    expect(ready.status, ready.body).toBe(200);
    expect(json(ready)["checks"]).toMatchObject({ postgres: "up", replica: "up", redis: "up" });
    expect((await visit("/")).body).toContain("<title>");
    expect(await large.pids()).toHaveLength(3);
    expect([...(await large.zones())].sort()).toEqual(["us-east-1a", "us-east-1b", "us-east-1c"]);
    expect(await large.pids("worker")).toHaveLength(2);
    expect(new Set(await large.zones("worker")).size).toBe(2);
  });

  it("is reached through Cloudflare, CloudFront and the balancer", async () => {
    const { headers } = await visit("/");
    expect(headers).toMatchObject({
      server: "cloudflare",
      via: expect.stringContaining("CloudFront") as unknown,
      "x-cache": "Miss from cloudfront",
      "strict-transport-security": "max-age=31536000",
      "x-content-type-options": "nosniff",
    });
  });

  it("refuses who goes round Cloudflare", async () => {
    const host = String((await large.outputs())["origin"]);
    expect(host).toMatch(/\.cloudfront\.net/);
    expect((await visitHost(host, "/")).status).toBe(403);
    expect((await visitHost(host, "/healthz")).status).toBe(403);
  });

  it("tells every task's visitors of a drop, through the Redis cluster", async () => {
    const ports = (await large.tasks()).flatMap(({ ports: own = [] }) => own);
    expect(ports).toHaveLength(3);
    const feeds = await Promise.all([
      ...ports.map((port) => large.feedOf(port)),
      openFeed(sandbox),
      openFeed(sandbox),
    ]);
    const opened = await visit("/api/users/7/drops", {
      ...{ method: "POST", headers: { "idempotency-key": "large-test" } },
      body: { pack: "standard" },
    });
    expect(opened.status).toBe(201);
    await eventually(
      () => feeds.filter((feed) => feed.types().includes("drop-opened")).length,
      (told) => told === feeds.length,
    );
    for (const feed of feeds) feed.close();
    expect(await large.services("shard")).toHaveLength(2);
  });

  it("answers whichever of its tasks is gone, and has it back", async () => {
    const [pid] = await large.pids();
    process.kill(pid ?? 0, "SIGKILL");
    const statuses = new Set<number>();
    await eventually(
      async () => {
        statuses.add((await visit("/readyz")).status);
        return await large.pids();
      },
      (pids) => pids.length === 3 && !pids.includes(pid) && !pids.includes(undefined),
    );
    await large.allRunning(3);
    expect([...statuses]).toEqual([200]);
  });

  it("changes nothing the second time", async () => {
    const pids = await large.pids();
    expect((await drops("sandbox", "preview", "large")).stdout).not.toMatch(nothingChanged);
    const again = await up();
    expect(again.stdout).not.toMatch(nothingChanged);
    expect(again.status).toBe(0);
    expect(await large.pids()).toEqual(pids);
  });

  it("replaces every task for another image, and no visitor notices", async () => {
    const pids = await large.pids();
    const statuses = new Set<number>();
    const visiting = new AbortController();
    const visitor = (async () => {
      while (!visiting.signal.aborted) {
        statuses.add((await visit("/readyz")).status);
        // Fewer than the edge takes for an attack.
        await sleep(200);
      }
    })();
    const changed = await up("--set", `image=${await large.image()}`);
    visiting.abort();
    await visitor;
    expect(changed.status, changed.stdout + changed.stderr).toBe(0);
    expect([...statuses]).toEqual([200]);
    expect((await large.pids()).filter((pid) => pids.includes(pid))).toEqual([]);
    expect(json(await visit("/api/users/7/summary"))["dropsOpened"]).toBe(1);
  });

  it("serves on as it was where the migration fails, and says why without a secret", async () => {
    const pids = await large.pids();
    const image = await large.image({ "migrate.js": failing });
    const failed = await up("--set", `image=${image}`);
    expect(failed.status).toBe(2);
    expect(failed.stdout).toMatch(/migrate.*exit code 3/);
    expect(failed.stdout + failed.stderr).not.toMatch(/postgresql:\/\//);
    expect(await large.pids()).toEqual(pids);
    expect((await visit("/readyz")).status).toBe(200);
  });

  it("goes back where new tasks never get healthy, and ends with 2 and the reason", async () => {
    const pids = await large.pids();
    const image = await large.image({ "index.js": "process.exit(5);" });
    const failed = await up("--set", `image=${image}`);
    expect(failed.status).toBe(2);
    expect(failed.stdout).toMatch(/ECS Service[^]*(circuit breaker|tasks failed to start)/);
    expect(failed.stdout).toContain("exit code 5");
    expect(await large.pids()).toEqual(pids);
    expect((await visit("/readyz")).status).toBe(200);
    const back = await up();
    expect(back.status, back.stdout + back.stderr).toBe(0);
    await large.allRunning(3);
    expect((await visit("/readyz")).status).toBe(200);
  });

  it("fails where a role may not read the secret that its task names", async () => {
    const pids = await large.pids();
    const rights = inWorld("web-execution-policy");
    const all = JSON.parse(String(rights.inputs["policy"])) as {
      readonly Statement: readonly { readonly Action: string | readonly string[] }[];
    };
    const without = all.Statement.filter(
      ({ Action }) => !String(Action).includes("secretsmanager"),
    );
    expect(without).toHaveLength(all.Statement.length - 1);
    const api = await cloud();
    await api.change(rights.urn, { policy: JSON.stringify({ ...all, Statement: without }) });
    const failed = await up("--set", `image=${await large.image()}`);
    expect(failed.status).toBe(2);
    expect(failed.stdout).toMatch(/ResourceInitializationError[^]*AccessDenied/);
    expect(await large.pids()).toEqual(pids);
    expect((await visit("/readyz")).status).toBe(200);
    const refresh = await drops("sandbox", "refresh", "large");
    expect(refresh.status, refresh.stdout).toBe(0);
    const mended = await up();
    expect(mended.status, mended.stdout + mended.stderr).toBe(0);
    expect(mended.stdout).toContain("web-execution-policy");
  });

  const slow = (mark: string): Record<string, string> => ({
    "migrate.js": `
      require("node:fs").writeFileSync(${JSON.stringify(join(places.root, mark))}, "");
      setTimeout(() => process.exit(0), 4000);
    `,
  });

  it("is mended after Ctrl-C in the middle of a migration", async () => {
    const image = await large.image(slow("begun-1"));
    const { child, ended } = begin("sandbox", "up", "large", "--set", `image=${image}`);
    await eventually(() => isWritten("begun-1"), Boolean);
    child.kill("SIGINT");
    expect((await ended).status).toBe(130);
    expect((await visit("/readyz")).status).toBe(200);
    const mended = await up("--set", `image=${image}`);
    expect(mended.status, mended.stdout + mended.stderr).toBe(0);
    expect(readState(places, "large")?.pending).toEqual([]);
  });

  it("is mended after its cloud was killed in the middle of a migration", async () => {
    const image = await large.image(slow("begun-2"));
    const { ended } = begin("sandbox", "up", "large", "--set", `image=${image}`);
    await eventually(() => isWritten("begun-2"), Boolean);
    process.kill((await cloud()).address.pid, "SIGKILL");
    expect((await ended).status).toBe(2);
    const mended = await up("--set", `image=${image}`);
    expect(mended.status, mended.stdout + mended.stderr).toBe(0);
    expect((await visit("/readyz")).status).toBe(200);
    await large.allRunning(3);
    expect(readState(places, "large")?.pending).toEqual([]);
    expect((await up("--set", `image=${image}`)).stdout).not.toMatch(nothingChanged);
  });

  it("whose first tasks never get healthy ends with 2, and comes up by the next try", async () => {
    const least = ["app.minTasks=2", "worker.minTasks=0", "redis.provider=none"];
    const settings = ["domain=", "vpcCidr=10.140.0.0/16", ...least];
    const blue = ["--stack", "blue", ...settings.flatMap((one) => ["--set", one])];
    const broken = await large.image({ "index.js": "process.exit(5);" });
    const failed = await up(...blue, "--set", `image=${broken}`);
    expect(failed.status, failed.stdout + failed.stderr).toBe(2);
    expect(failed.stdout).toContain("exit code 5");
    const done = await up(...blue);
    expect(done.status, done.stdout + done.stderr).toBe(0);
    expect(done.stdout).toMatch(/Drops runs: https:\/\/d\w+\.cloudfront\.net\.localhost:/);
    const gone = await drops("sandbox", "destroy", "blue", "--unprotect");
    expect(gone.status, gone.stdout + gone.stderr).toBe(0);
    expect(await largeIn(sandbox, "blue").tasks()).toEqual([]);
  });

  it("stands beside small, and the edge moves between them in place", async () => {
    const small = await drops("sandbox", "up", "small");
    expect(small.status, small.stdout + small.stderr).toBe(0);
    expect(small.stderr).toContain("stack edge points at large");
    const dropsOpened = async (): Promise<unknown> =>
      json(await visit("/api/users/7/summary"))["dropsOpened"];
    expect(await dropsOpened()).toBe(1);
    for (const [live, opened] of [
      ["small", 0],
      ["large", 1],
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
    const status = await drops("sandbox", "status", "--json");
    expect(status.stdout).not.toMatch(/PRIVATE KEY|postgresql:|rediss?:\/\/:/);
    expect((await drops("sandbox", "outputs", "large")).stdout).toContain('"admin": "[secret]"');
  });

  it("is guarded against deletion, and leaves nothing behind where it is not", async () => {
    const refused = await drops("sandbox", "destroy", "large");
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("postgres-cluster");
    const { edge } = (await cloud()).address;
    const ca = readFileSync(places.certificate);
    const destroy = await drops("sandbox", "destroy", "large", "--unprotect");
    expect(destroy.status, destroy.stdout + destroy.stderr).toBe(0);
    expect(existsSync(places.root)).toBe(false);
    expect(await processesOf(places)).toEqual([]);
    await expect(visitWith(ca, edge.https, "/readyz")).rejects.toThrow();
  });
});

describe.skipIf(!inject("engine"))("large of another configuration on the embedded cloud", () => {
  const sandbox = newSandbox();
  const { drops, visit } = sandbox;
  const large = largeIn(sandbox);
  const { visitHost } = large;
  const up = async (...set: string[]) =>
    await drops("sandbox", "up", "large", ...set.flatMap((one) => ["--set", one]));

  const least = ["app.minTasks=2", "worker.minTasks=0", "protection=off"];

  it("answers on CloudFront's own name where there is no domain", async () => {
    const first = await up("domain=", ...least);
    expect(first.status, first.stdout + first.stderr).toBe(0);
    const [, host = ""] = /Drops runs: https:\/\/([\w.-]+):\d+/.exec(first.stdout) ?? [];
    expect(host).toMatch(/^d[a-z0-9]+\.cloudfront\.net\.localhost$/);
    expect((await visitHost(host, "/readyz")).status).toBe(200);
    expect(await large.pids("worker")).toEqual([]);
  });

  it("takes a domain behind Cloudflare alone, with a balancer that it reaches", async () => {
    const done = await up("edge=cloudflare", ...least);
    expect(done.status, done.stdout + done.stderr).toBe(0);
    expect(done.stdout).toContain("Drops runs: https://drops.sandbox.localhost:");
    const { status, headers } = await visit("/readyz");
    expect(status).toBe(200);
    expect(headers["via"]).toBeUndefined();
  });

  it("is fetched by a Snippet on Pro, whose secret its tasks ask everybody else for", async () => {
    const done = await up("cloudflare.plan=pro", ...least);
    expect(done.status, done.stdout + done.stderr).toBe(0);
    const { status, headers } = await visit("/readyz");
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      server: "cloudflare",
      via: expect.stringContaining("CloudFront") as unknown,
    });
    const host = String((await large.outputs())["origin"]);
    expect((await visitHost(host, "/")).status).toBe(403);
  });

  it("leaves nothing behind", async () => {
    const destroy = await drops("sandbox", "destroy", "large", "--unprotect");
    expect(destroy.status, destroy.stdout + destroy.stderr).toBe(0);
    expect(existsSync(sandbox.places.root)).toBe(false);
    expect(await processesOf(sandbox.places)).toEqual([]);
  });
});
