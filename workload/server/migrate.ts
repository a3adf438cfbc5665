import { existsSync } from "node:fs";
import { join } from "node:path";
import { readMigrateConfig } from "./config";
import { migrate, sqlFiles, status } from "./migrateRun";
import { runTool } from "./tool";

const USAGE = `usage: node dist/migrate.js [--status]
Brings the schema up to date as its owner (MIGRATION_DATABASE_URL) and gives APP_ROLE its rights.
--status  says what is pending and changes nothing
Exit codes: 0 done (--status: nothing is pending), 1 --status: something is pending,
2 refused (a person has to mend the reason that it names) or failed.`;

runTool({
  name: "migrate",
  usage: USAGE,
  flags: ["--status"],
  read: readMigrateConfig,
  work: async (config, flags, say) => {
    // Beside the bundle, or one up from the source.
    const beside = existsSync(join(__dirname, "database-indexes.sql"));
    const files = sqlFiles(beside ? __dirname : join(__dirname, ".."));
    if (flags.includes("--status")) return (await status(config, files, say)) ? 1 : 0;
    await migrate(config, files, say);
    return 0;
  },
});
