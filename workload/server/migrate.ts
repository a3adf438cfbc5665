import { readMigrateConfig } from "./config";
import { ConfigError } from "./env";
import { scrubber } from "./log";
import { migrate, sqlFiles, status } from "./migrateRun";
import { Refused } from "./refused";
import { existsSync } from "node:fs";
import { join } from "node:path";

const USAGE = `usage: node dist/migrate.js [--status]
Brings the schema up to date as its owner (MIGRATION_DATABASE_URL) and gives APP_ROLE its rights.
--status  says what is pending and changes nothing
Exit codes: 0 done (--status: nothing is pending), 1 --status: something is pending,
2 refused (a person has to mend the reason that it names) or failed.`;

async function main(args: readonly string[]): Promise<number> {
  const say = (line: string) => process.stdout.write(`migrate: ${line}\n`);
  if (args.some((arg) => arg !== "--status")) {
    const asked = args.includes("--help");
    (asked ? process.stdout : process.stderr).write(`${USAGE}\n`);
    return asked ? 0 : 2;
  }
  const config = readMigrateConfig(process.env);
  // Beside the bundle, or one up from the source.
  const beside = existsSync(join(__dirname, "database-indexes.sql"));
  const files = sqlFiles(beside ? __dirname : join(__dirname, ".."));
  try {
    if (args.includes("--status")) return (await status(config, files, say)) ? 1 : 0;
    await migrate(config, files, say);
    return 0;
  } catch (error) {
    const clean = scrubber(config.secrets);
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      clean(`migrate: ${error instanceof Refused ? "refused" : "failed"}: ${message}\n`),
    );
    return 2;
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const known = error instanceof ConfigError;
    process.stderr.write(`migrate: ${known ? error.message : String(error)}\n`);
    process.exitCode = 2;
  },
);
