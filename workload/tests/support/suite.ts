import { inject } from "vitest";
import { newDatabase, urlOf, type Role } from "./postgres";
import { TEMPLATE } from "./globalSetup";
import { type App, type Running, startApp, startWorker } from "./programs";

export interface Suite {
  readonly dist: string;
  readonly postgresPort: number;
  /** Name of this file's database, with the schema in it. */
  readonly database: string;
  url(role: Role, parameters?: string): string;
  /** Starts a server on that database; it ends with the file's tests. */
  app(env?: Readonly<Record<string, string>>): Promise<App>;
  /** The same for a worker. */
  worker(env?: Readonly<Record<string, string>>): Promise<Running>;
}

const made = new Set<string>();

/** A database and servers for one test file. */
export async function newSuite(
  name: string,
  template: string | undefined = TEMPLATE,
): Promise<Suite> {
  const dist = inject("dist");
  const postgresPort = inject("postgresPort");
  const database = `t_${name}_${made.size}`;
  made.add(database);
  await newDatabase(postgresPort, database, template);
  const url = (role: Role, parameters?: string) => urlOf(postgresPort, database, role, parameters);
  return {
    ...{ dist, postgresPort, database, url },
    app: (env = {}) => startApp(dist, { DATABASE_URL: url("drops_app"), ...env }),
    worker: (env = {}) => startWorker(dist, { DATABASE_URL: url("drops_app"), ...env }),
  };
}
