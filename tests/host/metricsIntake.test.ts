import { beforeAll, expect, it } from "vitest";
import { metricsIntake } from "../../host/paths";
import { writeRequest } from "../../workload/server/remoteWriteFormat";
import { metricsToken, startMonitoring, type MonitoringHost } from "./monitoringServer";
import { monitoringSpec } from "./sample";
import { describeWith, eventually } from "./support";

const programs = ["nginx", "python3", "amtool", "debian13:prometheus"] as const;

describeWith(programs, "nginx on a monitoring host, before a real Prometheus", () => {
  let host: MonitoringHost;

  beforeAll(async () => {
    const { alarms, recipients } = monitoringSpec().monitoring;
    const quiet = { ...recipients, emails: [], webhook: false };
    host = await startMonitoring(
      monitoringSpec({
        redisExporter: false,
        replicas: 0,
        monitoring: { alarms, recipients: quiet },
      }),
      {
        "database-url": "postgresql://nobody@127.0.0.1:1/drops",
        "slack-url": "http://127.0.0.1:9/",
      },
    );
    host.startService("prometheus-alertmanager");
  });

  const intake = (): string => `http://127.0.0.1:${host.ports.metrics}${metricsIntake.path}`;
  const push = async (
    body: Uint8Array<ArrayBuffer> | string,
    headers: Readonly<Record<string, string>>,
  ): Promise<number> => {
    const answer = await fetch(intake(), { method: "POST", body, headers });
    await answer.arrayBuffer();
    return answer.status;
  };
  /** One sample, as any client of remote-write sends it. */
  const sample = (instance: string): Uint8Array<ArrayBuffer> => {
    const labels = { __name__: "drops_test", instance, job: "other/drops" };
    const samples = [{ value: 42, at: Date.now() }];
    return new Uint8Array(writeRequest([{ labels: Object.entries(labels), samples }]));
  };
  const encoding = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
  };
  const withToken = { ...encoding, "X-Drops-Token": metricsToken };

  it("says that Prometheus and Alertmanager are ready, and nothing else on port 80", async () => {
    const ask = async (path: string, init = {}): Promise<number> =>
      (await fetch(`http://127.0.0.1:${host.ports.http}${path}`, init)).status;
    await eventually(async () => {
      expect(await ask("/monitoring/healthz")).toBe(200);
    });
    for (const path of [
      ...["/", "/metrics", "/api/v1/query?query=up", "/monitoring/", "/monitoring/alertmanager"],
      metricsIntake.path,
    ]) {
      expect([path, await ask(path)]).toEqual([path, 404]);
    }
    expect(await ask(metricsIntake.path, { method: "POST", headers: withToken })).toBe(404);
  });

  it("takes metrics with the token alone, by POST alone, at their path alone", async () => {
    const body = sample("a");
    expect(await push(body, withToken)).toBe(204);
    for (const token of [
      ...["", "wrong", `${metricsToken}x`, metricsToken.toLowerCase()],
      metricsToken.slice(1),
    ]) {
      const status = await push(body, { ...withToken, "X-Drops-Token": token });
      expect([token, status]).toEqual([token, 403]);
    }
    expect(await push(body, encoding)).toBe(403);
    for (const method of ["GET", "PUT", "DELETE"]) {
      const { status } = await fetch(intake(), { method, headers: withToken });
      expect([method, status]).toEqual([method, 403]);
    }
    for (const path of [
      ...["/", "/api/v1/query?query=up", "/api/v1/read", `${metricsIntake.path}/x`],
      ...["/api/v1/admin/tsdb/snapshot", "/-/quit", "/monitoring/healthz"],
    ]) {
      const url = new URL(path, intake());
      const refused = await fetch(url, { method: "POST", body, headers: withToken });
      // By nginx: Prometheus is not even asked.
      const page = expect.stringContaining("<center>nginx</center>") as string;
      expect([path, refused.status, await refused.text()]).toEqual([path, 404, page]);
    }
    expect(await push("x".repeat(4_200_000), withToken)).toBe(413);
    expect(await push("no metrics", withToken)).toBe(400);
    const stored = await host.query("drops_test");
    expect(stored).toEqual([
      { metric: { __name__: "drops_test", instance: "a", job: "other/drops" }, value: 42 },
    ]);
  });
});
