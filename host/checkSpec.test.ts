import { describe, expect, it } from "vitest";
import { monitoringSpec, sampleSpec, sites } from "../tests/host/sample";
import { checkSpec } from "./checkSpec";
import type { AppHostSpec, MonitoringHostSpec } from "./types";

const app = sampleSpec().app;
const backup = sampleSpec().backup!;
const monitoring = sampleSpec().monitoring;

describe("checkSpec", () => {
  it.each(Object.values(sites))("accepts a site of kind $kind", (site) => {
    expect(() => {
      checkSpec(sampleSpec({ site }));
    }).not.toThrow();
  });

  it.each<[Partial<AppHostSpec>, string]>([
    [{ stack: "a'b" }, "stack must be"],
    [
      { site: { ...sites.direct, domain: "a.b; evil" } },
      "site.domain must be a lower-case host name",
    ],
    [{ site: { ...sites.direct, domain: "Drops.Example.com" } }, "site.domain must be"],
    [{ site: { ...sites.proxied, originName: "x" } }, "site.originName must be"],
    [
      { site: { ...sites.proxied, originName: "drops.example.com" } },
      "site.originName must differ from domain",
    ],
    [{ site: { ...sites.direct, acmeEmail: "o'x@example.com" } }, "site.acmeEmail must be"],
    [{ app: { ...app, processes: 0 } }, "app.processes must be a whole number 1..64, got 0"],
    [{ app: { ...app, port: 80 } }, "app.port must be a whole number 1024..65535, got 80"],
    [{ app: { ...app, port: 4000 } }, 'app.environment.PORT must be app.port (4000), got "3000"'],
    [
      { app: { ...app, environment: { ...app.environment, REDIS_MODE: "none" } } },
      "REDIS_MODE must be single",
    ],
    [{ redis: { maxMemoryMib: 1 } }, "redis.maxMemoryMib must be"],
    [{ monitoring: { ...monitoring, probeUrl: "ftp://x" } }, "monitoring.probeUrl must be"],
    [{ backup: { ...backup, hourUtc: 24 } }, "backup.hourUtc must be a whole number 0..23, got 24"],
    [{ backup: { ...backup, endpoint: "https://x" } }, "backup.endpoint must be a host name"],
  ])("refuses %j", (changes, message) => {
    expect(() => {
      checkSpec(sampleSpec(changes));
    }).toThrow(message);
  });

  it.each<[Partial<MonitoringHostSpec>, string]>([
    [{ replicas: 3 }, "replicas must be a whole number 0..2, got 3"],
    [{ replicas: -1 }, "replicas must be"],
    [{ metricsPort: 0 }, "metricsPort must be a whole number 1..65535, got 0"],
    [{ metricsPort: 80 }, "metricsPort 80 is taken by another service of the host"],
    [{ metricsPort: 22 }, "metricsPort 22 is taken"],
    [{ metricsPort: 9090 }, "metricsPort 9090 is taken"],
    [{ metricsPort: 9189 }, "metricsPort 9189 is taken"],
    [{ stack: "a'b" }, "stack must be"],
    [{ backup: { ...backup, hourUtc: 24 } }, "backup.hourUtc must be"],
  ])("refuses a monitoring host with %j", (changes, message) => {
    expect(() => {
      checkSpec(monitoringSpec(changes));
    }).toThrow(message);
    expect(() => {
      checkSpec(monitoringSpec());
    }).not.toThrow();
  });

  it("names all problems at once", () => {
    expect(() => {
      checkSpec(sampleSpec({ stack: "", backup: { ...backup, retentionDays: 0 } }));
    }).toThrow(/stack must be .*; backup\.retentionDays must be/);
  });
});
