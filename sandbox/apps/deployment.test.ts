import { existsSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DeploymentFailed } from ".";
import { isAlive, startOf } from "../services/processTable";
import { eventually, programs, SampleApps, visit } from "./testing/sampleApps";

let sample: SampleApps;
beforeEach(() => {
  sample = new SampleApps();
});
afterEach(async () => {
  await sample.close();
});

const lives = (pid: number | undefined): boolean =>
  pid !== undefined && isAlive({ pid, started: startOf(pid) ?? "none" });
const versions = async (host: string, count = 4): Promise<readonly string[]> => {
  const seen = [];
  for (let each = 0; each < count; each += 1) {
    seen.push((await visit(sample.apps, host)).seen.version);
  }
  return seen;
};

describe("a deployment", () => {
  it("runs its job, then every instance, and answers on the name that the platform gives", async () => {
    const { host, deployment } = await sample.apps.deploy("a", sample.spec(sample.image(), "1"));
    expect(host).toMatch(/^drops-[a-z0-9]{5}\.ondigitalocean\.app\.localhost$/);
    expect(readFileSync(sample.mark, "utf8")).toBe("job 1\n");
    const answers = await Promise.all([1, 2, 3, 4].map(() => visit(sample.apps, host)));
    expect(new Set(answers.map(({ seen }) => seen.pid))).toEqual(new Set(sample.pids()));
    expect(new Set(sample.pids()).size).toBe(2);
    const [balancer] = sample.statuses("balancer of drops");
    expect(balancer).toMatchObject({ state: "running", resource: "a" });
    expect(balancer?.detail).toContain(deployment);
    for (const instance of sample.statuses("web instance")) {
      expect(instance.state).toBe("running");
      expect(instance.memoryBytes).toBeGreaterThan(10_000_000);
      expect(instance.detail).toContain(`PORT 3000 is ${String(instance.ports?.[0])}`);
    }
  });

  it("gives a process what the spec wired and what the platform sets, and nothing else", async () => {
    process.env["CLOUDS_OWN"] = "secret";
    const spec = sample.spec(sample.image(), "1", {
      envs: [
        { key: "VERSION", value: "own" },
        { key: "AT_BUILD", value: "x", scope: "BUILD_TIME" },
        { key: "SELF", value: "${APP_URL}/x and ${NOT_OURS}" },
      ],
    });
    const { host } = await sample.apps.deploy("a", spec);
    const { env } = (await visit(sample.apps, host)).seen;
    expect(Object.keys(env).sort()).toEqual([
      ...["DATABASE_URL", "HOST", "MARK", "NODE_ENV", "NODE_EXTRA_CA_CERTS", "PATH", "PORT"],
      ...["SELF", "VERSION"],
    ]);
    expect(env).toMatchObject({
      ...{ HOST: "127.0.0.1", VERSION: "own", NODE_ENV: "production" },
      ...{ SELF: `https://${host}/x and \${NOT_OURS}` },
      ...{ DATABASE_URL: "postgresql://app:hunter%2F2@db/drops" },
    });
  });

  it("that is live already is left alone", async () => {
    const spec = sample.spec(sample.image(), "1");
    const { deployment } = await sample.apps.deploy("a", spec);
    const pids = sample.pids();
    expect((await sample.apps.deploy("a", structuredClone(spec))).deployment).toBe(deployment);
    expect(sample.pids()).toEqual(pids);
  });

  it("takes a secret sealed as it was told, and only by its own app", async () => {
    const image = sample.image();
    const { spec: told, host } = await sample.apps.deploy("a", sample.spec(image, "1"));
    const [, , secret] = told.envs ?? [];
    expect(secret?.value).toMatch(/^EV\[1:[^:]+:[^\]]+\]$/);
    expect(JSON.stringify(told)).not.toContain("hunter");
    const pids = sample.pids();
    // What it means is live already.
    expect((await sample.apps.deploy("a", told)).spec).toEqual(told);
    expect(sample.pids()).toEqual(pids);
    const next = { ...told, envs: [...(told.envs ?? []), { key: "MORE", value: "x" }] };
    await sample.apps.deploy("a", next);
    expect((await visit(sample.apps, host)).seen.env).toMatchObject({
      ...{ MORE: "x", DATABASE_URL: "postgresql://app:hunter%2F2@db/drops" },
    });
    await expect(sample.apps.deploy("b", { ...told, name: "b" })).rejects.toThrow(
      "was not encrypted for this app",
    );
  });

  it("replaces the one before without a request lost, and the old end after they drained", async () => {
    const image = sample.image();
    const { host } = await sample.apps.deploy("a", sample.spec(image, "1"));
    const old = sample.pids();
    const failures: string[] = [];
    const statuses = new Set<number>();
    const visiting = new AbortController();
    const visitor = (async () => {
      while (!visiting.signal.aborted) {
        await visit(sample.apps, host).then(
          ({ status }) => statuses.add(status),
          (error: unknown) => failures.push(String(error)),
        );
      }
    })();
    const second = await sample.apps.deploy("a", sample.spec(image, "2"));
    visiting.abort();
    await visitor;
    expect(failures).toEqual([]);
    expect([...statuses]).toEqual([200]);
    expect(second.host).toBe(host);
    expect(await versions(host)).toEqual(["2", "2", "2", "2"]);
    expect(old.map(lives)).toEqual([false, false]);
    expect(sample.pids()).toHaveLength(2);
  });

  it("lets an open websocket say goodbye before its instance ends", async () => {
    const image = sample.image();
    const { host } = await sample.apps.deploy("a", sample.spec(image, "1"));
    const said = await open(host);
    const begun = Date.now();
    const deploying = sample.apps.deploy("a", sample.spec(image, "2"));
    await eventually(
      () => said.text,
      (text) => text.endsWith("bye"),
    );
    await deploying;
    expect(said.text).toBe("hellobye");
    // Not before it had its time to drain.
    expect(said.endedAt - begun).toBeGreaterThan(300);
  });

  it("ends an instance that ignores SIGTERM when its time of grace is over", async () => {
    const stubborn = sample.image({ "index.js": programs.stubborn });
    await sample.apps.deploy("a", sample.spec(stubborn, "1"));
    const old = sample.pids();
    await sample.apps.deploy("a", sample.spec(sample.image(), "2"));
    expect(old.map(lives)).toEqual([false, false]);
  });
});

describe("a deployment that fails", () => {
  const failing = async (spec: Parameters<typeof sample.apps.deploy>[1]): Promise<string> => {
    const error: unknown = await sample.apps.deploy("a", spec).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DeploymentFailed);
    return (error as Error).message;
  };

  it("by its job leaves the version before alone, and shows the job's words without its secrets", async () => {
    const image = sample.image();
    const { host, deployment } = await sample.apps.deploy("a", sample.spec(image, "1"));
    const pids = sample.pids();
    const bad = sample.spec(image, "2");
    const message = await failing({
      ...bad,
      envs: [...(bad.envs ?? []), { key: "JOB_EXIT", value: "4" }],
    });
    expect(message).toMatch(/^error deploying app \(a\) \(deployment ID: [0-9a-f-]{36}\):\n/);
    expect(message).toContain("PRE_DEPLOY job migrate ended with exit code 4:");
    expect(message).toContain("migrating [secret]");
    expect(message).not.toContain("hunter");
    expect(message).toContain(`Deployment ${deployment} is still live.`);
    expect(sample.pids()).toEqual(pids);
    expect(await versions(host)).toEqual(["1", "1", "1", "1"]);
    // Tried again with another spec it goes on from there.
    await sample.apps.deploy("a", sample.spec(image, "3"));
    expect(await versions(host)).toEqual(["3", "3", "3", "3"]);
  });

  it.each([
    ["that ends at once", programs.crashing, "ended with exit code 7"],
    ["that is never healthy", programs.neverHealthy, "was not ready after 3 s"],
  ])("by an instance %s ends the new ones, the old serve", async (_, program, words) => {
    const { host } = await sample.apps.deploy("a", sample.spec(sample.image(), "1"));
    const pids = sample.pids();
    const broken = sample.image({ "index.js": program });
    expect(await failing(sample.spec(broken, "2"))).toContain(words);
    expect(sample.pids()).toEqual(pids);
    expect(await versions(host)).toEqual(["1", "1", "1", "1"]);
  });

  it("as the first one leaves an app that answers nobody", async () => {
    const broken = sample.image({ "index.js": programs.crashing });
    const message = await failing(sample.spec(broken, "1"));
    expect(message).toContain("no database at [secret]");
    expect(message).toContain("Nothing is live.");
    expect(sample.apps.ingress(sample.apps.host("a") ?? "")).toBeUndefined();
    expect(sample.pids()).toEqual([]);
    expect(sample.statuses("balancer")[0]).toMatchObject({ state: "stopped" });
  });

  it("has its jobs for that case run, and after success those for that", async () => {
    const image = sample.image();
    const named = (name: string, kind: string) => ({
      ...{ name, kind, image, runCommand: "node dist/job.js" },
      envs: [{ key: "VERSION", value: name }],
    });
    const jobs = [named("after", "POST_DEPLOY"), named("failed", "FAILED_DEPLOY")];
    await sample.apps.deploy("a", { ...sample.spec(image, "1"), jobs });
    expect(readFileSync(sample.mark, "utf8")).toBe("job after\n");
    rmSync(sample.mark);
    const broken = sample.image({ "index.js": programs.crashing });
    await failing({ ...sample.spec(broken, "2"), jobs });
    expect(readFileSync(sample.mark, "utf8")).toBe("job failed\n");
  });

  it("for a job that does not end is ended in time", async () => {
    const image = sample.image({ "job.js": "setInterval(() => undefined, 1000);" });
    expect(await failing(sample.spec(image, "1"))).toContain("migrate did not end within 5 s");
  });
});

describe("a worker", () => {
  const workers = (count: number) => [
    {
      ...{ name: "worker", instanceCount: count, runCommand: "node dist/worker.js" },
      image: sample.image({ "worker.js": programs.worker }),
    },
  ];

  it("runs beside the services, once for each instance, and goes with the spec", async () => {
    const spec = { ...sample.spec(sample.image(), "1"), jobs: [], workers: workers(2) };
    await sample.apps.deploy("a", spec);
    const pids = sample.pids("worker");
    expect(readFileSync(sample.mark, "utf8").trim().split("\n").map(Number).sort()).toEqual(
      [...pids].sort(),
    );
    expect(sample.statuses("worker instance")[0]?.ports).toBeUndefined();
    await sample.apps.deploy("a", { ...spec, workers: [] });
    expect(pids.map(lives)).toEqual([false, false]);
  });

  it("that ends at once fails the deployment", async () => {
    const image = sample.image({ "worker.js": programs.crashing });
    const spec = {
      ...sample.spec(sample.image(), "1"),
      workers: [{ name: "worker", image, runCommand: "node dist/worker.js" }],
    };
    await expect(sample.apps.deploy("a", spec)).rejects.toThrow(
      "worker instance 1 ended with exit code 7",
    );
  });
});

describe("an app", () => {
  it("is brought back as it was by the next cloud, on the same name and port", async () => {
    const { host } = await sample.apps.deploy("a", sample.spec(sample.image(), "1"));
    const before = { target: sample.apps.ingress(host), pids: sample.pids() };
    await sample.apps.stopAll();
    expect(before.pids.map(lives)).toEqual([false, false]);
    sample.open();
    expect(sample.apps.ingress(host)).toBeUndefined();
    await sample.apps.startAll();
    expect(sample.apps.ingress(host)).toEqual(before.target);
    expect(await versions(host)).toEqual(["1", "1", "1", "1"]);
  });

  it("leaves no process, port or file when it is removed, also by a cloud that never saw it", async () => {
    const { host } = await sample.apps.deploy("a", sample.spec(sample.image(), "1"));
    const pids = sample.pids();
    const directory = join(sample.directory, "apps/a");
    expect(statSync(join(directory, "app.json")).mode & 0o777).toBe(0o600);
    await sample.apps.remove("a");
    expect(pids.map(lives)).toEqual([false, false]);
    expect(existsSync(directory)).toBe(false);
    expect(sample.apps.ingress(host)).toBeUndefined();
    expect(sample.apps.statuses()).toEqual([]);

    await sample.apps.deploy("b", sample.spec(sample.image(), "1"));
    await sample.apps.stopAll();
    sample.open();
    await sample.apps.remove("b");
    await sample.apps.remove("never-there");
    expect(readdirSync(join(sample.directory, "apps")).sort()).toEqual([
      "guard.cjs",
      "images.json",
    ]);
  });

  it("gives up a deployment that is under way when the cloud ends", async () => {
    const image = sample.image({ "job.js": "setInterval(() => undefined, 1000);" });
    const deploying = sample.apps.deploy("a", sample.spec(image, "1"));
    const failed = expect(deploying).rejects.toThrow("was ended by SIGTERM");
    await sleep(300);
    const begun = Date.now();
    await sample.apps.stopAll();
    expect(Date.now() - begun).toBeLessThan(3_000);
    await failed;
  });

  it("keeps the logs of the newest deployments alone", async () => {
    const image = sample.image();
    for (let version = 1; version <= 7; version += 1) {
      await sample.apps.deploy("a", sample.spec(image, String(version), { instanceCount: 1 }));
    }
    expect(readdirSync(join(sample.directory, "apps/a/deployments"))).toHaveLength(5);
  }, 60_000);
});

/** Opens a websocket by hand, and collects what comes. */
async function open(host: string): Promise<{ text: string; endedAt: number }> {
  const said = { text: "", endedAt: 0 };
  const target = sample.apps.ingress(host);
  await new Promise<void>((resolve, reject) => {
    request({
      ...{ ...target, path: "/ws", agent: false },
      headers: { host, connection: "Upgrade", upgrade: "websocket" },
    })
      .once("error", reject)
      .once("upgrade", (_, socket, head) => {
        said.text += head.toString();
        socket.on("data", (data: Buffer) => (said.text += data.toString()));
        socket.once("end", () => {
          said.endedAt = Date.now();
          socket.end();
        });
        resolve();
      })
      .end();
  });
  return said;
}
