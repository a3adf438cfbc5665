import { Client, type ClientConfig } from "pg";
import type { CloudServices } from "../../cloud/kind";

/** What the service answers about a database cluster. */
export type Access = Awaited<ReturnType<CloudServices["postgres"]["ensure"]>>;

/**
 * Rows of one statement, for tests: run by a client that verifies the server's name and certificate,
 * as the administrator in the first database where nothing else is said.
 */
export async function asClient(
  { caCertificate, ...access }: Access,
  statement: string,
  change: ClientConfig = {},
): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ ...access, ssl: { ca: caCertificate }, ...change });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
