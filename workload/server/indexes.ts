import type pg from "pg";
import { isAsStated } from "./indexDefinition";
import { Refused } from "./refused";

export interface IndexStatement {
  readonly name: string;
  readonly table: string;
  readonly sql: string;
}

/** `other`: another index than the one that is named so in the file. */
export type IndexState = "valid" | "missing" | "invalid" | "other";

const shape =
  /^CREATE (UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS (\w+)\s+ON\s+(?:public\.)?(\w+)(?=[\s(])/;

/** The statements of `database-indexes.sql`; anything but a concurrent, repeatable build is refused. */
export function parseIndexes(text: string): readonly IndexStatement[] {
  const statements = text
    .replaceAll(/--.*$/gm, "")
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
  return statements.map((sql) => {
    const [, , name, table] = shape.exec(sql) ?? [];
    if (name === undefined || table === undefined) {
      throw new Error(
        `database-indexes.sql: not of the form CREATE INDEX CONCURRENTLY IF NOT EXISTS name ON table …: ${sql}`,
      );
    }
    return { name, table, sql };
  });
}

export interface FoundIndex {
  readonly name: string;
  readonly state: IndexState;
  /** As Postgres writes it; undefined where there is none. */
  readonly definition: string | undefined;
}

interface CatalogueRow {
  readonly name: string;
  readonly valid: boolean;
  readonly definition: string;
}

export async function indexStates(
  client: pg.Client,
  indexes: readonly IndexStatement[],
): Promise<readonly FoundIndex[]> {
  const { rows } = await client.query<CatalogueRow>(
    `SELECT c.relname AS name, i.indisvalid AND i.indisready AND i.indislive AS valid,
            pg_get_indexdef(c.oid) AS definition
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY ($1)`,
    [indexes.map(({ name }) => name)],
  );
  const states: FoundIndex[] = [];
  for (const index of indexes) {
    const row = rows.find(({ name }) => name === index.name);
    states.push({
      name: index.name,
      state: row ? await stateOf(client, index, row) : "missing",
      definition: row?.definition,
    });
  }
  return states;
}

async function stateOf(
  client: pg.Client,
  index: IndexStatement,
  found: CatalogueRow,
): Promise<IndexState> {
  if (!found.valid) return "invalid";
  return (await isAsStated(client, index, found.definition)) ? "valid" : "other";
}

/**
 * Builds what is missing. A build that was interrupted leaves an index that costs writes and serves
 * nothing, and `IF NOT EXISTS` would be content with it: it is dropped and built again.
 *
 * @param patienceMs How long an index may be under construction elsewhere.
 * @throws Refused where it then still is, or where another index has the name of one in the file.
 */
export async function buildIndexes(
  client: pg.Client,
  indexes: readonly IndexStatement[],
  patienceMs: number,
  say: (line: string) => void,
): Promise<void> {
  // All of them before the first is built, which may take hours.
  for (const found of await indexStates(client, indexes)) refuseOther(found);
  for (const index of indexes) {
    const [before] = await indexStates(client, [index]);
    if (before?.state === "valid") continue;
    if (before?.state === "invalid") {
      await waitForBuilder(client, index.name, patienceMs, say);
      const [now] = await indexStates(client, [index]);
      if (now) refuseOther(now);
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

/** Somebody made it and may need it: it is not dropped without being asked. */
function refuseOther({ name, state, definition = "" }: FoundIndex): void {
  if (state !== "other") return;
  throw new Refused(
    `index ${name} is another one than database-indexes.sql says: found ${definition}; rename it, or drop it ` +
      `with DROP INDEX CONCURRENTLY public.${name}, and run this again`,
  );
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
