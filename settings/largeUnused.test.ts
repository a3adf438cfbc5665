import { describe, expect, it } from "vitest";
import { expectMended, largeRemove, problemsOfStack, type Refusal } from "./testStacks";

const external = [
  ...["postgres.provider=external", "postgres.connectionLimit=500"],
  "postgres.url=postgresql://app:replace-me@db.example.com/drops",
  "postgres.ownerUrl=postgresql://owner:replace-me@db.example.com/drops",
];
const elsewhere = ["redis.provider=external", "redis.url=rediss://cache.example.com"];
const cloudflare = ["edge=cloudflare"];

/** What is set, the key that it sets, its value, its default, and what makes it idle. */
const idle: readonly (readonly [string, string[], string, string | undefined])[] = [
  ["backups.copyRegion=us-west-2", ["backups.plan=off"], "plan off", undefined],
  ["backups.copyRegion=us-west-2", external, "drops:postgres.provider external", undefined],
  ["postgres.proxy=on", external, "provider external", '"off"'],
  ["postgres.mode=serverless", external, "provider external", '"provisioned"'],
  ["postgres.maxConnections=400", external, "provider external", undefined],
  ["postgres.readerScaling.maxReaders=4", external, "provider external", undefined],
  ["postgres.readers=2", external, "provider external", "1"],
  ["postgres.insights=advanced", external, "provider external", '"standard"'],
  ["postgres.storage=io-optimized", external, "provider external", '"standard"'],
  ["postgres.instanceClass=db.r8g.large", external, "provider external", '"db.r7g.large"'],
  ["postgres.minAcu=4", external, "provider external", "2"],
  ["postgres.backupDays=7", external, "provider external", "35"],
  ["postgres.engineVersion=17.7", external, "provider external", '"17.9"'],
  ["postgres.maintenanceHourUtc=5", [...external, ...elsewhere], "nothing that AWS maintains", "3"],
  ["postgres.connectionLimit=100", [], "provider aurora", undefined],
  ["postgres.minAcu=4", [], "mode provisioned", "2"],
  ["postgres.maxAcu=8.5", [], "mode provisioned", "16"],
  [
    "postgres.instanceClass=db.r8g.large",
    ["postgres.mode=serverless"],
    "mode serverless",
    '"db.r7g.large"',
  ],
  ["redis.mode=cluster", [], "provider elasticache", '"single"'],
  ["redis.mode=cluster", ["redis.provider=none"], "provider none", '"single"'],
  ["redis.shards=3", elsewhere, "provider external", "2"],
  ["redis.nodeType=cache.m7g.large", elsewhere, "provider external", '"cache.t4g.small"'],
  ["network.cloudfrontPrefixList=pl-3b927c52", cloudflare, "drops:edge cloudflare", undefined],
];

const shownValue = (text: string): string => (/^[\d.]+$/.test(text) ? text : `"${text}"`);

describe("a setting that would do nothing", () => {
  it.each(idle)("%s with %j", (setting, others, because, usual) => {
    const [key = "", value = ""] = setting.split("=");
    const scaling = key.startsWith("postgres.readerScaling");
    const version = key.endsWith("engineVersion");
    const at = scaling ? "postgres.readerScaling" : key;
    const got = scaling
      ? '{"maxReaders":4,"cpuPercent":60}'
      : version
        ? `"${value}"`
        : shownValue(value);
    const refusal: Refusal = [
      setting,
      [...others, setting],
      at,
      `${got}, which has no effect with ${because}`,
      usual === undefined ? "nothing" : `${usual}, the default`,
      largeRemove(at),
    ];
    expectMended(refusal);
  });

  it.each([
    ["rateLimit.requestsPerPeriod", "500", "2000"],
    ["rateLimit.periodSeconds", "60", "300"],
    ["hsts.maxAgeSeconds", "0", "31536000"],
  ])("%s with Cloudflare's edge, whose stack has the key", (key, value, usual) => {
    expectMended([
      key,
      [...cloudflare, `${key}=${value}`],
      key,
      `${value}, which has no effect with drops:edge cloudflare`,
      `${usual}, the default`,
      `${largeRemove(key)}, and pulumi config set --stack edge --path 'drops:${key}' ${value}`,
    ]);
  });

  it("may be written out as it is anyway", () => {
    const settings = [
      ...external,
      ...elsewhere,
      ...cloudflare,
      ...["postgres.proxy=off", "postgres.minAcu=2", "postgres.readers=1", "redis.shards=2"],
      ...["rateLimit.requestsPerPeriod=2000", "hsts.maxAgeSeconds=31536000"],
    ];
    expect(problemsOfStack("large", settings)).toEqual([]);
  });

  it.each([
    ["postgres.minAcu=4", "postgres.mode=serverless"],
    ["postgres.maintenanceHourUtc=5", ...external],
    ["redis.mode=cluster", ...elsewhere],
    ["backups.copyRegion=us-west-2"],
    ["backups.retentionDays=30", "backups.plan=off"],
  ])("is none where something reads it: %s", (...settings) => {
    expect(problemsOfStack("large", settings)).toEqual([]);
  });
});
