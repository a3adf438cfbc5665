import { readRolesConfig } from "./rolesConfig";
import { prepareRoles } from "./rolesRun";
import { runTool } from "./tool";

const USAGE = `usage: node dist/roles.js
Makes the database's two roles as its administrator (ADMIN_DATABASE_URL): the schema's owner with the
name and the password of MIGRATION_DATABASE_URL, the app's with those of DATABASE_URL. Gives them their
rights. Changes nothing where all is as it should be.
Exit codes: 0 done, 2 refused (a person has to mend the reason that it names) or failed.`;

runTool({
  name: "roles",
  usage: USAGE,
  flags: [],
  read: readRolesConfig,
  work: async (config, _flags, say) => {
    await prepareRoles(config, say);
    return 0;
  },
});
