import { readWorkerConfig } from "./config";
import { ControlWatch, modes } from "./control";
import { Database } from "./db";
import { Janitor } from "./janitor";
import type { Logger } from "./log";
import { defineMetrics } from "./metrics";
import { openMetrics } from "./metricsReaders";
import type { ProcessConfig } from "./processConfig";
import { runProgram } from "./program";
import { endOnSignal } from "./shutdown";

/**
 * What the app does behind its visitors' backs, in a process that serves none: web processes with
 * `BACKGROUND_WORK=off` leave it to this one. It waits for a database that is not there.
 */
async function main(config: ProcessConfig, log: Logger): Promise<void> {
  const pipeline = openMetrics(config, "drops-worker", log);
  const metrics = defineMetrics(pipeline.meter);
  const control = new ControlWatch(config, log);
  const database = new Database(config.database, metrics, log, control, "drops-worker");
  const janitor = new Janitor({ config, database, control, metrics, log });
  metrics.observe({
    pools: () => database.use(),
    controlMode: () => modes.indexOf(control.state.mode),
    dependencies: () => ({ postgres: control.health.reachable }),
    sweepAge: () => janitor.ageSeconds,
  });
  endOnSignal(config.shutdown.timeoutMs, log, async () => {
    await janitor.stop();
    await control.stop();
    await database.close();
    await pipeline.close();
  });
  await control.start();
  janitor.start(0);
  log.info({ node: process.version }, "working");
  // For a process manager that waits for it (PM2's wait_ready).
  process.send?.("ready");
}

runProgram("drops-worker", readWorkerConfig, main);
