import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderBundle } from "../../host/bundle";
import { metricsIntake } from "../../host/paths";
import type { MonitoringHostSpec } from "../../host/types";
import { monitoringSpec } from "../../tests/host/sample";
import { writeRequest } from "../../workload/server/remoteWriteFormat";
import { newHosts, type Hosts } from ".";
import { answer, id, secrets, startSample, user, type Sample } from "./testing/sampleHost";

const token = "Abcdefghijklmnopqrstuvwxyz0123456789-_AB";
const more = { ...secrets, "metrics-token": token };

/** Without what other programs would have to be there for. */
const spec = (changes: Partial<MonitoringHostSpec> = {}): MonitoringHostSpec =>
  monitoringSpec({
    ...{ grantRoles: false, redisExporter: false, replicas: 0, backup: undefined },
    monitoring: { alarms: [], recipients: { emails: [], webhook: false } },
    ...changes,
  });
const payload = (values: Readonly<Record<string, string>> = more, of = spec()): string =>
  JSON.stringify({ bundle: renderBundle(of), secrets: values });

describe("a monitoring host", () => {
  let sample: Sample;
  beforeAll(async () => {
    sample = await startSample();
    const { status, stderr, stdout } = await sample.apply(payload());
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^apply: done\n/);
  });
  afterAll(() => sample.stop());

  const drops = (verb: string, stdin = ""): ReturnType<Hosts["run"]> =>
    sample.hosts.run({
      ...{ id, user, stdin, environment: {} },
      command: `sudo /usr/local/sbin/drops-host ${verb}`,
    });
  const statusOf = (what: string, hosts = sample.hosts) =>
    hosts.statuses().find((status) => status.what === what);
  const push = (
    job: string,
    instance: string,
    options: { readonly path?: string; readonly method?: string; readonly token?: string } = {},
  ): Promise<number> => {
    const labels: [string, string][] = Object.entries({ __name__: "up", instance, job });
    const body = writeRequest([{ labels, samples: [{ value: 1, at: Date.now() }] }]);
    return new Promise((resolve, reject) => {
      const { path = metricsIntake.path, method = "POST" } = options;
      const port = sample.hosts.ports(id)?.metrics;
      const headers = { "X-Drops-Token": options.token ?? token };
      request({ host: "127.0.0.1", port, agent: false, path, method, headers }, (incoming) => {
        incoming.resume().on("end", () => {
          resolve(incoming.statusCode ?? 0);
        });
      })
        .on("error", reject)
        .end(method === "GET" ? undefined : body);
    });
  };

  it("answers on port 80 for its health alone, which is bad without a Prometheus", async () => {
    const port = sample.hosts.ports(id)?.http ?? 0;
    expect((await answer(port, "/monitoring/healthz")).status).toBe(500);
    for (const path of ["/", metricsIntake.path, "/monitoring/x"]) {
      expect([path, (await answer(port, path)).status]).toEqual([path, 404]);
    }
  });

  it("takes pushes with the token alone, and tells who pushed", async () => {
    expect(statusOf("receiver of metrics")?.detail).toContain("no metrics were pushed yet");
    for (const [job, instance] of [
      ["medium/drops", "a"],
      ["medium/drops", "b"],
      ["medium/drops", "a"],
      ["medium/drops-worker", "c"],
    ] as const) {
      expect(await push(job, instance)).toBe(204);
    }
    expect(await push("x", "y", { token: token.toLowerCase() })).toBe(403);
    expect(await push("x", "y", { method: "GET" })).toBe(403);
    expect(await push("x", "y", { path: "/api/v1/query" })).toBe(404);
    expect(sample.hosts.metricsSeen(id)).toEqual({
      pushes: 4,
      broken: 0,
      instances: { "medium/drops": 2, "medium/drops-worker": 1 },
    });
    expect(statusOf("receiver of metrics")).toMatchObject({
      state: "running",
      ports: [sample.hosts.ports(id)?.metrics],
      detail:
        "stands in for Prometheus: 4 pushes, processes by job: medium/drops (2), medium/drops-worker (1)",
    });
  });

  it("notes what it was told to probe", async () => {
    expect(statusOf("uptime probe")?.detail).toBe("of nothing yet");
    const url = "https://app.ondigitalocean.app/healthz";
    expect(await drops("probe", `${url}\n`)).toEqual({
      status: 0,
      stdout: `probe: probing ${url}\n`,
      stderr: "",
    });
    expect((await drops("probe", url)).stdout).toBe("probe: unchanged\n");
    expect(statusOf("uptime probe")).toMatchObject({ state: "recorded", detail: `of ${url}` });
    const bad = await drops("probe", "https://me:secret@example.com/");
    expect(bad.status).toBe(1);
    expect(bad.stderr).toMatch(/^probe: standard input must be one http\(s\) address/);
    expect(bad.stderr).not.toContain("secret");
  });

  it("has no app to release", async () => {
    expect(await sample.release("v1")).toMatchObject({
      status: 2,
      stderr: "drops-host: refused: no such verb: release\n",
    });
    expect(statusOf("app process")).toBeUndefined();
  });

  it("takes another token over at once, and refuses one that nginx could misread", async () => {
    const other = "another-token-of-forty-characters-000000";
    expect((await sample.apply(payload({ ...more, "metrics-token": other }))).status).toBe(0);
    expect(await push("x", "y")).toBe(403);
    expect(await push("x", "y", { token: other })).toBe(204);
    const refused = await sample.apply(payload({ ...more, "metrics-token": 'short"; }' }));
    expect([refused.status, refused.stderr]).toEqual([
      1,
      "compose: the secret metrics-token must be 16 to 256 letters, digits, _ and -\n" +
        "drops-host: failed: apply ended with status 1\n",
    ]);
    expect(await push("x", "y", { token: other })).toBe(204);
    expect((await sample.apply(payload())).status).toBe(0);
  });

  it("needs the token and the URLs of its replicas", async () => {
    const { stderr } = await sample.apply(payload(secrets));
    expect(stderr).toContain("needs the secret metrics-token, which was not sent");
    const two = await sample.apply(payload(more, spec({ replicas: 1 })));
    expect(two.stderr).toContain("needs the secret database-replica-url-1");
    expect((await sample.apply(payload())).status).toBe(0);
  });

  it("is there again with the next cloud, on the same ports", async () => {
    const before = sample.hosts.ports(id);
    await sample.hosts.stopAll();
    const again = newHosts(sample.options);
    await again.startAll();
    expect(again.ports(id)).toEqual(before);
    expect(statusOf("receiver of metrics", again)?.state).toBe("running");
    expect(await push("medium/drops", "a")).toBe(204);
    expect(again.metricsSeen(id)?.pushes).toBe(1);
    await again.stopAll();
  });
});

describe("a host of an older sandbox", () => {
  it("gets the port that it lacks, and its bundle of the one role there was", async () => {
    const sample = await startSample();
    try {
      await sample.hosts.stopAll();
      const file = join(sample.options.directory, id, "host.json");
      const { ports, ...rest } = JSON.parse(readFileSync(file, "utf8")) as {
        ports: Record<string, number>;
      };
      const older = Object.fromEntries(
        Object.entries(ports).filter(([name]) => name !== "metrics"),
      );
      writeFileSync(file, JSON.stringify({ ...rest, ports: older }));
      const again = newHosts(sample.options);
      await again.startAll();
      expect(again.ports(id)).toMatchObject(older);
      const given = again.ports(id)?.metrics;
      expect(given).toBeGreaterThan(1_023);
      await again.stopAll();
      // The same one from then on.
      const third = newHosts(sample.options);
      await third.startAll();
      expect(third.ports(id)?.metrics).toBe(given);
      await third.stopAll();
    } finally {
      await sample.stop();
    }
  });
});
