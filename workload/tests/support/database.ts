import { metrics } from "@opentelemetry/api";
import { onTestFinished } from "vitest";
import { readConfig } from "../../server/config";
import { ControlWatch } from "../../server/control";
import { Database } from "../../server/db";
import { createLogger } from "../../server/log";
import { defineMetrics } from "../../server/metrics";

export interface MeasuredQuery {
  readonly operation: string;
  readonly pool: string;
  readonly failed: boolean;
}

/** The server's way to the database without the server, for one test; it notes what is measured. */
export function openDatabase(env: Readonly<Record<string, string>>): {
  readonly database: Database;
  readonly measured: MeasuredQuery[];
} {
  const config = readConfig(env);
  const log = createLogger({ level: "silent", base: {}, secrets: config.secrets });
  const measured: MeasuredQuery[] = [];
  const recording = {
    ...defineMetrics(metrics.getMeter("test")),
    query: (_seconds: number, operation: string, pool: string, failed: boolean) => {
      measured.push({ operation, pool, failed });
    },
  };
  const database = new Database(config.database, recording, log, new ControlWatch(config, log));
  onTestFinished(() => database.close());
  return { database, measured };
}
