import { describe, expect, it } from "vitest";
import { sampleSpec, sites } from "../tests/host/sample";
import { checkSpec } from "./checkSpec";
import type { HostSpec } from "./types";

const app = sampleSpec().app;
const backup = sampleSpec().backup!;
const monitoring = sampleSpec().monitoring;

describe("checkSpec", () => {
  it.each(Object.values(sites))("accepts a site of kind $kind", (site) => {
    expect(() => {
      checkSpec(sampleSpec({ site }));
    }).not.toThrow();
  });

  it.each<[Partial<HostSpec>, string]>([
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

  it("names all problems at once", () => {
    expect(() => {
      checkSpec(sampleSpec({ stack: "", backup: { ...backup, retentionDays: 0 } }));
    }).toThrow(/stack must be .*; backup\.retentionDays must be/);
  });
});
