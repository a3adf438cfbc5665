import { Client, DatabaseError, type ClientConfig } from "pg";
import type { Output } from "./outcome";
import { parsePsqlScript } from "./psqlScript";

/** How a script was run in vain; what went wrong is in the output. */
export class PsqlFailed extends Error {
  override readonly name = "PsqlFailed";
}

/** What the server sends beside results: warnings while a statement runs, and its error. */
interface Message {
  readonly severity?: string | undefined;
  readonly message?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
}

/**
 * Runs a script in a database as `psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file` does:
 * every statement on its own, the first error ends it, warnings go to standard error.
 *
 * @param file Path that messages name.
 */
export async function runPsql(
  connection: ClientConfig,
  script: { readonly file: string; readonly text: string },
  variables: Readonly<Record<string, string>>,
  output: Output,
): Promise<void> {
  const client = new Client(connection);
  // Without a listener a connection that breaks between two statements would end the process.
  client.on("error", () => undefined);
  let line = 1;
  const tell = (message: Message): void => {
    output.complain(
      `psql:${script.file}:${line}: ${message.severity ?? "ERROR"}:  ${message.message ?? ""}`,
    );
    if (message.detail !== undefined) output.complain(`DETAIL:  ${message.detail}`);
    if (message.hint !== undefined) output.complain(`HINT:  ${message.hint}`);
  };
  client.on("notice", tell);
  try {
    const statements = parsePsqlScript(script.file, script.text, variables);
    await client.connect();
    for (const statement of statements) {
      line = statement.line;
      const { rows } = await client.query<(string | null)[]>({
        text: statement.sql,
        rowMode: "array",
      });
      if (!statement.gexec) continue;
      for (const cell of rows.flat()) {
        if (cell !== null) await client.query(cell);
      }
    }
  } catch (error) {
    if (error instanceof DatabaseError) tell(error);
    else output.complain(`psql: error: ${error instanceof Error ? error.message : String(error)}`);
    throw new PsqlFailed();
  } finally {
    await client.end().catch(() => undefined);
  }
}
