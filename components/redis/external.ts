import * as pulumi from "@pulumi/pulumi";
import { externalRedisTarget } from "../alarms/cacheSignals";
import type { Redis } from "../contracts";

/** A Redis that somebody else runs (Redis Cloud, Upstash): no resource of ours. */
export function externalRedis(url: string): Redis {
  return {
    mode: "single",
    tls: url.startsWith("rediss:"),
    auth: url.includes("@"),
    url: pulumi.secret(url),
    alarmTargets: [externalRedisTarget()],
    ready: [],
  };
}
