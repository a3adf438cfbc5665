import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAlive, startOf } from "../services/processTable";
import { eventually, SampleApps, visit } from "./testing/sampleApps";

let sample: SampleApps;
beforeEach(() => {
  sample = new SampleApps();
});
afterEach(async () => {
  await sample.close();
});

const deployed = async (change: Parameters<SampleApps["spec"]>[2] = {}): Promise<string> => {
  const { host } = await sample.apps.deploy("a", sample.spec(sample.image(), "1", change));
  return host;
};
const states = (): readonly string[] =>
  sample.statuses("web instance").map(({ state, detail }) => `${state} ${detail ?? ""}`);
const allRun = (now: readonly string[]): boolean => now.every((one) => one.startsWith("running"));

describe("an instance", () => {
  it("that crashes is started again, and the other answers meanwhile", async () => {
    const host = await deployed();
    const before = sample.pids();
    await visit(sample.apps, host, "/crash").catch(() => undefined);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => visit(sample.apps, host)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await eventually(states, (now) => now.some((one) => one.includes("restarted 1 times")));
    await eventually(states, allRun);
    const after = sample.pids();
    expect(after.filter((pid) => before.includes(pid))).toHaveLength(1);
  });

  it("that is killed comes back too", async () => {
    await deployed();
    const [pid] = sample.pids();
    process.kill(pid!, "SIGKILL");
    await eventually(states, (now) => now.some((one) => one.includes("was ended by SIGKILL")));
    await eventually(states, allRun);
  });

  it("that fails its health check gets no requests, and is not ended for it", async () => {
    const host = await deployed();
    const [sick] = [(await visit(sample.apps, host, "/sick")).status];
    expect(sick).toBe(200);
    await eventually(states, (now) => now.some((one) => one.includes("does not pass")));
    const pids = new Set(
      (await Promise.all([1, 2, 3, 4].map(() => visit(sample.apps, host)))).map(
        ({ seen }) => seen.pid,
      ),
    );
    expect(pids.size).toBe(1);
    expect(sample.pids()).toHaveLength(2);
    expect(states().join()).not.toContain("restarted");
  });

  it("that fails its liveness check is started again", async () => {
    const host = await deployed({
      livenessHealthCheck: {
        ...{ httpPath: "/healthz", periodSeconds: 1, failureThreshold: 3 },
        initialDelaySeconds: 0,
      },
    });
    const before = sample.pids();
    await visit(sample.apps, host, "/sick");
    await eventually(states, (now) => now.some((one) => one.includes("restarted 1 times")));
    await eventually(states, allRun);
    expect(sample.pids().filter((pid) => before.includes(pid))).toHaveLength(1);
    expect(sample.lines.join("\n")).toContain("fails its liveness check");
  });

  it("is asked again only after the initial delay of its liveness check", async () => {
    const host = await deployed({
      livenessHealthCheck: {
        ...{ httpPath: "/healthz", periodSeconds: 1, failureThreshold: 1 },
        initialDelaySeconds: 600,
      },
    });
    await visit(sample.apps, host, "/sick");
    await eventually(states, (now) => now.some((one) => one.includes("does not pass")));
    expect(states().join()).not.toContain("restarted");
  });
});

describe("when the cloud is killed", () => {
  it("its instances end with it, and the next cloud has the same running", async () => {
    const spec = sample.spec(sample.image(), "1");
    const script = join(sample.directory, "cloud.ts");
    writeFileSync(
      script,
      `import { newApps } from ${JSON.stringify(join(__dirname, "index.ts"))};
      const apps = newApps({
        directory: ${JSON.stringify(join(sample.directory, "apps"))},
        authorityFile: "/dev/null", route: () => "no-such-address", log: () => undefined,
      });
      void apps.deploy("a", ${JSON.stringify(spec)}).then(({ host }) => {
        console.log(JSON.stringify({ host, pids: apps.statuses().map(({ pid }) => pid) }));
        setInterval(() => undefined, 1000);
      });`,
    );
    const tsx = require.resolve("tsx/cjs");
    const cloud = spawn(process.execPath, ["--require", tsx, script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const said = await new Promise<string>((resolve) => {
      cloud.stdout.setEncoding("utf8").once("data", resolve);
    });
    const { host, pids } = JSON.parse(said) as { host: string; pids: readonly number[] };
    const instances = pids
      .filter((pid) => pid !== cloud.pid)
      .map((pid) => ({ pid, started: startOf(pid)! }));
    expect(instances.map(isAlive)).toEqual([true, true]);
    cloud.kill("SIGKILL");
    await eventually(
      () => instances.map(isAlive),
      (alive) => !alive.includes(true),
      5,
    );
    sample.open();
    await sample.apps.startAll();
    expect((await visit(sample.apps, host)).seen.version).toBe("1");
    expect(sample.pids()).toHaveLength(2);
  });
});
