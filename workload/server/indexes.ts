import type pg from "pg";
import { Refused } from "./refused";

export interface IndexStatement {
  readonly name: string;
  readonly sql: string;
}

export type IndexState = "valid" | "missing" | "invalid";

const shape = /^CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS (\w+)\s/;

/** The statements of `database-indexes.sql`; anything but a concurrent, repeatable build is refused. */
export function parseIndexes(text: string): readonly IndexStatement[] {
  const statements = text
    .replaceAll(/--.*$/gm, "")
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
  return statements.map((sql) => {
    const name = shape.exec(sql)?.[1];
    if (name === undefined) {
      throw new Error(
        `database-indexes.sql: not of the form CREATE INDEX CONCURRENTLY IF NOT EXISTS name …: ${sql}`,
      );
    }
    return { name, sql };
  });
}

export async function indexStates(
  client: pg.Client,
  indexes: readonly IndexStatement[],
): Promise<readonly { readonly name: string; readonly state: IndexState }[]> {
  const { rows } = await client.query<{ name: string; valid: boolean }>(
    `SELECT c.relname AS name, i.indisvalid AND i.indisready AND i.indislive AS valid
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY ($1)`,
    [indexes.map(({ name }) => name)],
  );
  const valid = new Map(rows.map((row) => [row.name, row.valid]));
  return indexes.map(({ name }) => ({
    name,
    state: valid.has(name) ? (valid.get(name) === true ? "valid" : "invalid") : "missing",
  }));
}

/**
 * Builds what is missing. A build that was interrupted leaves an index that costs writes and serves
 * nothing, and `IF NOT EXISTS` would be content with it: it is dropped and built again.
 *
 * @param patienceMs How long an index may be under construction elsewhere.
 * @throws Refused where it then still is.
 */
export async function buildIndexes(
  client: pg.Client,
  indexes: readonly IndexStatement[],
  patienceMs: number,
  say: (line: string) => void,
): Promise<void> {
  for (const index of indexes) {
    const [before] = await indexStates(client, [index]);
    if (before?.state === "valid") continue;
    if (before?.state === "invalid") {
      await waitForBuilder(client, index.name, patienceMs, say);
      const [now] = await indexStates(client, [index]);
      if (now?.state === "valid") continue;
      say(`index ${index.name} is invalid, dropping it`);
      await client.query(`DROP INDEX CONCURRENTLY IF EXISTS public.${index.name}`);
    }
    // One statement a query: several would be one transaction, which a concurrent build refuses.
    await client.query(index.sql);
    const [after] = await indexStates(client, [index]);
    if (after?.state !== "valid") throw new Error(`index ${index.name} did not become valid`);
    say(`built index ${index.name}`);
  }
}

interface Builder {
  readonly pid: number;
  /** Hidden (null) where the builder is another role's. */
  readonly phase: string | null;
}

/**
 * Who builds an index on this index's table. A builder of another role shows neither table nor index,
 * but everybody sees the locks that it holds; and no two concurrent builds on a table go together.
 */
const BUILDERS = `
  SELECT DISTINCT p.pid, p.phase
    FROM pg_stat_progress_create_index p
    JOIN pg_locks l ON l.pid = p.pid AND l.granted AND l.database = p.datid
    JOIN pg_index i ON i.indrelid = l.relation
   WHERE p.datname = current_database() AND i.indexrelid = to_regclass('public.' || $1)`;

/** An index also looks invalid while somebody builds it by hand. */
async function waitForBuilder(
  client: pg.Client,
  name: string,
  patienceMs: number,
  say: (line: string) => void,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (let told = false; ; told = true) {
    const { rows } = await client.query<Builder>(BUILDERS, [name]);
    const [builder] = rows;
    if (!builder) return;
    const who = `process ${builder.pid}${builder.phase === null ? "" : `, ${builder.phase}`}`;
    if (Date.now() >= deadline) {
      throw new Refused(
        `index ${name} is still being built on its table by somebody else (${who}) after ${patienceMs} ms: ` +
          `let that end, or end it with SELECT pg_terminate_backend(${builder.pid}), and run this again`,
      );
    }
    if (!told) say(`somebody is building index ${name} (${who}), waiting for its end`);
    await new Promise((resolve) => setTimeout(resolve, Math.min(500, patienceMs)));
  }
}
