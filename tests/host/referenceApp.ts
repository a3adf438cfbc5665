import { join } from "node:path";
import { expect } from "vitest";
import { buildServer } from "../../workload/build";
import { eventually, freePort, run, start, temporaryDirectory } from "./support";

export interface ReferenceApp {
  /** Ends with no slash. */
  readonly url: string;
}

/** Where the processes push their metrics to. */
export interface MetricsPlace {
  readonly url: string;
  readonly token: string;
}

/** The built reference app as a container of the medium tier runs it: migrated, web and worker. */
export async function startReferenceApp(args: {
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly stack: string;
  readonly metrics: MetricsPlace;
}): Promise<ReferenceApp> {
  const dist = join(temporaryDirectory(), "dist");
  await buildServer(dist);
  const migrated = run("node", [join(dist, "migrate.js")], {
    env: { MIGRATION_DATABASE_URL: args.ownerUrl, APP_ROLE: "drops_app" },
  });
  expect(migrated.status, migrated.output).toBe(0);
  const port = await freePort();
  const common = {
    DATABASE_URL: args.appUrl,
    DATABASE_POOL_MAX: "2",
    DROPS_TIER: "medium",
    DROPS_STACK: args.stack,
    METRICS: "remote-write",
    METRICS_INTERVAL_MS: "500",
    REMOTE_WRITE_URL: args.metrics.url,
    REMOTE_WRITE_HEADERS: `x-drops-token=${args.metrics.token}`,
  };
  start("node", [join(dist, "index.js")], {
    env: { ...common, PORT: String(port), REDIS_MODE: "none", BACKGROUND_WORK: "off" },
  });
  start("node", [join(dist, "worker.js")], { env: common });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });
  return { url };
}
