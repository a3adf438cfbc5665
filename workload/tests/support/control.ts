import { randomUUID } from "node:crypto";
import { call, openDrop, until } from "./client";
import { asSuperuser, query } from "./postgres";
import type { App } from "./programs";
import type { Suite } from "./suite";

export async function setMode(
  suite: Suite,
  mode: string,
  forwardTo: string | null = null,
): Promise<void> {
  await query(
    suite.url("drops_owner"),
    "UPDATE drops_control SET mode = $1, forward_to = $2, epoch = epoch + 1, updated_at = now()",
    [mode, forwardTo],
  );
}

export async function seen(app: App, mode: string): Promise<void> {
  await until(`mode ${mode}`, async () => {
    const { body } = await call(app, "/readyz");
    return body.checks.control.mode === mode;
  });
}

/** Resolves once a session of that application waits for that kind of lock. */
export async function waiting(suite: Suite, application: string, event: string): Promise<void> {
  await until(`somebody waits for ${event}`, async () => {
    return await asSuperuser(suite.postgresPort, suite.database, async (client) => {
      const { rowCount } = await client.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database()
          AND application_name = $1 AND wait_event_type = 'Lock' AND wait_event = $2`,
        [application, event],
      );
      return rowCount! > 0;
    });
  });
}

export async function drops(suite: Suite): Promise<number> {
  const [row] = await query(suite.url("drops_owner"), "SELECT count(*)::int AS n FROM drops");
  return row!["n"] as number;
}

/** Writes without pause until told to stop; resolves to the answers. */
export function writers(apps: readonly App[], perApp: number) {
  let stopped = false;
  const statuses: number[] = [];
  const ids: string[] = [];
  const write = async (app: App, userId: number) => {
    while (!stopped) {
      const answer = await openDrop(app, userId, randomUUID());
      statuses.push(answer.status);
      if (answer.status === 201) ids.push(answer.body.drop.id);
    }
  };
  const all = apps.flatMap((app, index) =>
    Array.from({ length: perApp }, (_, n) => write(app, 100 * (index + 1) + n)),
  );
  return {
    statuses,
    /** Drops that were acknowledged. */
    ids,
    stop: async () => {
      stopped = true;
      await Promise.all(all);
    },
  };
}

/** The database's own fence: nobody may connect, and those who are in are put out. */
export async function shutOut(suite: Suite): Promise<void> {
  await asSuperuser(suite.postgresPort, "postgres", async (client) => {
    await client.query(`REVOKE CONNECT ON DATABASE ${suite.database} FROM PUBLIC`);
    await client.query(`REVOKE CONNECT ON DATABASE ${suite.database} FROM drops_app`);
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = 'drops_app'",
      [suite.database],
    );
  });
}
