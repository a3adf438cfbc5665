import * as pulumi from "@pulumi/pulumi";
import { externalRedisTarget } from "../alarms/cacheSignals";
import type { AlarmTarget } from "../alarms/types";
import type { Redis } from "../contracts";

/** A Redis that somebody else runs (Redis Cloud, Upstash): no resource of ours. */
export function externalRedis(
  url: string,
  mode: Redis["mode"] = "single",
  /** What is watched of it; by default what a Prometheus with an exporter can see. */
  alarmTarget: AlarmTarget = externalRedisTarget(),
): Redis {
  return {
    mode,
    tls: url.startsWith("rediss:"),
    auth: url.includes("@"),
    url: pulumi.secret(url),
    alarmTargets: [alarmTarget],
    ready: [],
  };
}
