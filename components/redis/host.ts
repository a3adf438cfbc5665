import * as pulumi from "@pulumi/pulumi";
import { hostRedisTarget } from "../alarms/cacheSignals";
import type { Redis } from "../contracts";

/** Redis on the server itself: loopback only, so neither TLS nor a password would guard anything. */
export function hostRedis(): Redis {
  return {
    mode: "single",
    tls: false,
    auth: false,
    url: pulumi.output("redis://127.0.0.1:6379"),
    alarmTargets: [hostRedisTarget()],
    ready: [],
  };
}
