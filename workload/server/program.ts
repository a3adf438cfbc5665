import { ConfigError } from "./env";
import { createLogger, type Logger } from "./log";
import type { ProcessConfig } from "./processConfig";

/** Name of a program in its log and its metrics; Prometheus makes it a part of `job`. */
export type Service = "drops" | "drops-worker";

/**
 * Runs a program until it ends by itself. What is wrong with its environment is told without a stack,
 * exit 2; a fault that nobody caught is logged, exit 1.
 */
export function runProgram<C extends ProcessConfig>(
  service: Service,
  read: (env: NodeJS.ProcessEnv) => C,
  main: (config: C, log: Logger) => Promise<void>,
): void {
  let config: C;
  try {
    config = read(process.env);
  } catch (error) {
    const text = error instanceof ConfigError ? error.message : String(error);
    process.stderr.write(`${service}: ${text}\n`);
    process.exit(2);
  }
  const { tier, stack, worker } = config;
  const log = createLogger({
    level: config.logLevel,
    base: { service, tier, stack, worker },
    secrets: config.secrets,
  });
  const fatal = (error: unknown) => {
    log.fatal({ err: error }, "a fault that nobody caught, ending");
    process.exit(1);
  };
  process.on("uncaughtException", fatal);
  process.on("unhandledRejection", fatal);
  main(config, log).catch(fatal);
}
