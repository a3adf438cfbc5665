import type pg from "pg";
import type { IndexStatement } from "./indexes";

/**
 * Whether an index is what the statement says. Postgres writes a definition in its own words, so the
 * statement is run on an empty temporary copy of the table, and what Postgres makes of it is compared.
 */
export async function isAsStated(
  client: pg.Client,
  index: IndexStatement,
  definition: string,
): Promise<boolean> {
  const { rows } = await client.query<{ has_table: boolean; may_copy: boolean }>(
    `SELECT to_regclass('public.' || $1) IS NOT NULL AS has_table,
            has_database_privilege(current_database(), 'TEMPORARY') AS may_copy`,
    [index.table],
  );
  const [can] = rows;
  if (can?.has_table !== true) return false;
  // An owner may do without that right; then the name has to be enough.
  return !can.may_copy || definition === (await definitionOf(client, index));
}

async function definitionOf(
  client: pg.Client,
  { name, table, sql }: IndexStatement,
): Promise<string | undefined> {
  const onCopy = sql
    .replace(/ CONCURRENTLY IF NOT EXISTS /, " ")
    .replace(/\sON\s+(?:public\.)?\w+/, ` ON pg_temp.${table}`);
  // Nothing of it remains, and `--status` is read-only by default.
  await client.query("BEGIN READ WRITE");
  try {
    await client.query(`CREATE TEMPORARY TABLE ${table} (LIKE public.${table})`);
    await client.query(onCopy);
    const { rows } = await client.query<{ definition: string }>(
      "SELECT pg_get_indexdef(to_regclass('pg_temp.' || $1)) AS definition",
      [name],
    );
    return rows[0]?.definition.replace(/ ON pg_temp(_\d+)?\./, " ON public.");
  } catch (error) {
    // A column that a migration still to come brings: what is there can only be another index.
    if ((error as { code?: unknown }).code === "42703") return undefined;
    throw error;
  } finally {
    await client.query("ROLLBACK");
  }
}
