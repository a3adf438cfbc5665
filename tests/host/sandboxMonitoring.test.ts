import { afterAll, beforeAll, expect, it } from "vitest";
import { renderBundle } from "../../host/bundle";
import { metricsIntake } from "../../host/paths";
import {
  answer,
  id,
  secrets,
  startSample,
  type Sample,
} from "../../sandbox/host/testing/sampleHost";
import { findProgram } from "../../sandbox/services/programs";
import { writeRequest } from "../../workload/server/remoteWriteFormat";
import { monitoringSpec } from "./sample";
import { describeWith, eventually } from "./support";

describeWith(["nginx"], "the sandbox's nginx on a monitoring host", () => {
  const token = "Abcdefghijklmnop-_0123456789";
  const spec = monitoringSpec({
    ...{ grantRoles: false, redisExporter: false, replicas: 0, backup: undefined },
    monitoring: { alarms: [], recipients: { emails: [], webhook: false } },
  });
  const payload = (secret: string): string =>
    JSON.stringify({
      bundle: renderBundle(spec),
      secrets: { ...secrets, "metrics-token": secret },
    });
  let sample: Sample;
  beforeAll(async () => {
    sample = await startSample({ find: findProgram });
    const applied = await sample.apply(payload(token));
    expect([applied.status, applied.stderr]).toEqual([0, ""]);
  });
  afterAll(() => sample.stop());

  const push = async (secret: string, init: RequestInit = {}): Promise<number> => {
    const port = sample.hosts.ports(id)?.metrics ?? 0;
    const labels: [string, string][] = [["job", "medium/drops"]];
    const body = new Uint8Array(writeRequest([{ labels, samples: [{ value: 1, at: 1 }] }]));
    const headers = { [metricsIntake.tokenHeader]: secret };
    const url = `http://127.0.0.1:${port}${metricsIntake.path}`;
    return (await fetch(url, { method: "POST", body, headers, ...init })).status;
  };

  it("passes pushes with the token on to what stands for Prometheus", async () => {
    expect(await push(token)).toBe(204);
    expect(await push(token.toLowerCase())).toBe(403);
    expect(await push(token, { method: "GET", body: null })).toBe(403);
    expect(sample.hosts.metricsSeen(id)).toMatchObject({
      pushes: 1,
      instances: { "medium/drops": 1 },
    });
    const { http, metrics } = sample.hosts.ports(id) ?? { http: 0, metrics: 0 };
    expect((await answer(http, "/monitoring/healthz")).status).toBe(500);
    expect((await answer(http, "/")).status).toBe(404);
    const nginx = sample.hosts.statuses().find(({ what }) => what === "nginx");
    expect(nginx).toMatchObject({ state: "running", ports: [http, metrics] });
  });

  it("takes another token over without being started anew", async () => {
    const pid = (): number | undefined =>
      sample.hosts.statuses().find(({ what }) => what === "nginx")?.pid;
    const before = pid();
    const other = token.replace("A", "B");
    expect((await sample.apply(payload(other))).status).toBe(0);
    await eventually(async () => {
      expect([await push(token), await push(other)]).toEqual([403, 204]);
    });
    expect(pid()).toBe(before);
  });
});
