import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  answer,
  eventually,
  id,
  isAlive,
  payloadOf,
  plainSpec,
  secrets,
  startSample,
  type Sample,
} from "./testing/sampleHost";

describe("the app of a host", () => {
  let sample: Sample;
  const spec = plainSpec({
    redis: { maxMemoryMib: 16 },
    app: {
      ...plainSpec().app,
      environment: { ...plainSpec().app.environment, REDIS_MODE: "single" },
    },
  });
  const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
  const own = (): { readonly app: number; readonly redis: number } => {
    const ports = sample.hosts.ports(id);
    if (!ports) throw new Error("no such host");
    return ports;
  };
  const pids = (): readonly number[] =>
    sample.hosts
      .statuses()
      .filter(({ what, state }) => /^app process \d$/.test(what) && state === "running")
      .flatMap(({ pid }) => pid ?? []);
  const supervisor = (): number | undefined =>
    sample.hosts.statuses().find(({ what }) => what.startsWith("app supervisor"))?.pid;

  beforeAll(async () => {
    sample = await startSample();
    const applied = await sample.apply(payloadOf(spec, { ...secrets, "database-ca": pem }));
    expect(applied.status, applied.stderr).toBe(0);
    expect((await sample.release("v1")).status).toBe(0);
  }, 60_000);
  afterAll(() => sample.stop());

  it("finds exactly the environment that the bundle composes, ports and trust apart", async () => {
    const { env, main } = await sample.ask();
    const { root } = sample;
    expect(main).toBe(true);
    const { NODE_APP_INSTANCE, PATH, ...rest } = env;
    expect(["0", "1"]).toContain(NODE_APP_INSTANCE);
    expect(PATH).toContain("/usr/bin");
    expect(rest).toEqual({
      ...spec.app.environment,
      HOME: join(root, "var/lib/drops-app"),
      DATABASE_URL: secrets["database-url"],
      DATABASE_CA: pem,
      PORT: String(own().app),
      REDIS_URL: `redis://127.0.0.1:${own().redis}`,
      NODE_EXTRA_CA_CERTS: `${root}/run/trusted.pem`,
    });
    const trusted = readFileSync(join(root, "run/trusted.pem"), "utf8");
    expect(trusted).toBe(`${pem}\n${sample.options.authority.certificate}`);
  });

  it("runs as many processes as the bundle says, each with its number and its memory", async () => {
    const statuses = sample.hosts.statuses().filter(({ what }) => /^app process/.test(what));
    expect(statuses.map(({ what }) => what)).toEqual(["app process 0", "app process 1"]);
    for (const { memoryBytes } of statuses) expect(memoryBytes).toBeGreaterThan(1_000_000);
    const seen = new Set<number>();
    for (let request = 0; request < 20; request++) seen.add((await sample.ask()).pid);
    expect([...seen].sort()).toEqual([...pids()].sort());
  });

  it("listens on loopback alone, although it names no address", async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((each) => each && !each.internal && each.family === "IPv4");
    if (!outside) return;
    const refused = await new Promise((resolve) => {
      const socket = connect(own().app, outside.address);
      socket.once("connect", () => {
        socket.destroy();
        resolve(false);
      });
      socket.once("error", () => {
        resolve(true);
      });
    });
    expect(refused).toBe(true);
  });

  it("logs with the time, out and err apart", () => {
    const log = readFileSync(join(sample.root, "var/log/drops/out.log"), "utf8");
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d: listening, v1$/m);
    expect(existsSync(join(sample.root, "var/log/drops/err.log"))).toBe(true);
  });

  it("starts a process again that was killed, and one that ended", async () => {
    const [victim = 0] = pids();
    process.kill(victim, "SIGKILL");
    await eventually(() => {
      expect(pids()).toHaveLength(2);
      expect(pids()).not.toContain(victim);
    });
    await answer(own().app, "/crash").catch(() => undefined);
    await eventually(() => {
      expect(pids()).toHaveLength(2);
    });
    const details = sample.hosts.statuses().map(({ detail }) => detail);
    expect(details).toContain("ended by itself 1 times");
  });

  it("comes back when its supervisor was killed", async () => {
    const [pid, old] = [supervisor() ?? 0, pids()];
    process.kill(pid, "SIGKILL");
    await eventually(() => {
      expect(supervisor()).not.toBe(pid);
      expect(pids()).toHaveLength(2);
    });
    expect(old.filter(isAlive)).toEqual([]);
    expect((await sample.ask()).version).toBe("v1");
  });

  it("is left alone by a supervisor whose cloud was killed as it began", async () => {
    const [command = "", ...args] = readFileSync(`/proc/${supervisor() ?? ""}/cmdline`, "utf8")
      .split("\0")
      .slice(0, -1);
    const said = JSON.parse(args.pop() ?? "") as object;
    const orphan = spawn(command, [...args, JSON.stringify({ ...said, parent: 1 })], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let log = "";
    orphan.stdout.setEncoding("utf8").on("data", (text: string) => (log += text));
    const code = await new Promise((resolve) => orphan.once("close", resolve));
    expect({ code, log }).toEqual({ code: 0, log: "" });
    expect(supervisor()).toBeDefined();
    expect(pids()).toHaveLength(2);
  });

  it("starts anew when the number of its processes changed", async () => {
    const three = plainSpec({ ...spec, app: { ...spec.app, processes: 3 } });
    const result = await sample.apply(payloadOf(three, { ...secrets, "database-ca": pem }));
    expect(result.stdout).toContain("apply: starting the app\n");
    await eventually(() => {
      expect(pids()).toHaveLength(3);
    });
  });

  it("gets a changed environment without a request that fails", async () => {
    // Alone, so that nobody else answers while it is replaced.
    const one = { ...spec, app: { ...spec.app, processes: 1 } };
    await sample.apply(payloadOf(one, { ...secrets, "database-ca": pem }));
    await eventually(() => {
      expect(pids()).toHaveLength(1);
    });
    const before = pids();
    const failures: string[] = [];
    let requests = 0;
    let done = false;
    const hammer = async (path: string): Promise<void> => {
      while (!done) {
        requests++;
        await answer(own().app, path).then(
          ({ status }) => {
            if (status !== 200) failures.push(String(status));
          },
          (error: unknown) => failures.push(String(error)),
        );
      }
    };
    const hammers = ["/", "/", "/slow", "/slow"].map(hammer);
    const changed = plainSpec({
      ...one,
      app: { ...one.app, environment: { ...spec.app.environment, DATABASE_POOL_MAX: "5" } },
    });
    const result = await sample.apply(payloadOf(changed, { ...secrets, "database-ca": pem }));
    done = true;
    await Promise.all(hammers);
    expect(result.stdout).toContain("apply: reloading the app\n");
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(20);
    expect((await sample.ask()).env["DATABASE_POOL_MAX"]).toBe("5");
    expect(pids().filter((pid) => before.includes(pid))).toEqual([]);
  });

  it("ends with everything of it when the host is stopped", async () => {
    const all = [...pids(), supervisor() ?? 0];
    await sample.hosts.stopAll();
    expect(all.filter(isAlive)).toEqual([]);
    await expect(sample.ask()).rejects.toThrow();
  });
});

describe("the app of a cloud that was killed", () => {
  it("ends within seconds, with all its processes", async () => {
    const sample = await startSample();
    let cloud: ChildProcess | undefined;
    try {
      await sample.apply(payloadOf(plainSpec()));
      await sample.release("v1");
      await sample.hosts.stopAll();
      // Another cloud, which can be killed.
      const script = `
        require("tsx/cjs");
        const { newHosts } = require(${JSON.stringify(__dirname)});
        newHosts({ directory: ${JSON.stringify(sample.options.directory)},
          authority: { certificate: "" }, log: () => undefined, find: () => undefined,
        }).startAll().then(() => console.log("up"));
        setInterval(() => undefined, 1000);`;
      const other = (cloud = spawn(process.execPath, ["-e", script], {
        cwd: join(__dirname, "../.."),
        stdio: ["ignore", "pipe", "inherit"],
      }));
      await new Promise((resolve) => other.stdout.once("data", resolve));
      const said = await eventually(() => sample.ask());
      other.kill("SIGKILL");
      await eventually(async () => {
        expect(isAlive(said.pid)).toBe(false);
        await expect(sample.ask()).rejects.toThrow();
      });
    } finally {
      cloud?.kill("SIGKILL");
      await sample.stop();
    }
  }, 60_000);
});
