import { join } from "node:path";

export const workload = join(__dirname, "..");
/** What outlives a run: the database's files and its password. Delete it to start afresh. */
export const kept = process.env["DROPS_DEV_DIR"] ?? join(workload, ".dev");
