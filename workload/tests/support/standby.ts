import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./client";
import {
  asSuperuser,
  freePort,
  newDirectory,
  password,
  type PostgresServer,
  serverIn,
} from "./postgres";

export interface Standby {
  readonly port: number;
  /** Makes a primary of it, as a fail-over does. */
  promote(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * A hot standby that follows `primary`: a copy of its files, taken while it is stopped for a moment. The
 * bundled Postgres has no pg_basebackup.
 */
export async function newStandby(primary: PostgresServer): Promise<Standby> {
  const [directory, port] = [newDirectory(), await freePort()];
  await primary.stop();
  // With the owner and the rights that Postgres insists on.
  execFileSync("cp", ["-a", join(primary.directory, "data"), join(directory, "data")]);
  await primary.start();
  writeFileSync(join(directory, "data/standby.signal"), "");
  const primaryConnection = `host=127.0.0.1 port=${primary.port} user=postgres password=${password}`;
  const flags = ["-c", `primary_conninfo=${primaryConnection}`, "-c", "hot_standby=on"];
  const output: string[] = [];
  const server = await serverIn(directory, port, flags, output);
  // The package waits for words that a standby does not say until it is promoted.
  server.start().catch(() => undefined);
  const ask = (text: string) =>
    asSuperuser(port, "postgres", async (client) => (await client.query(text)).rows as unknown[]);
  await until("the standby answers", () => ask("SELECT 1")).catch((error: unknown) => {
    throw new Error(`the standby did not start:\n${output.join("")}`, { cause: error });
  });
  return {
    port,
    promote: async () => {
      await ask("SELECT pg_promote()");
    },
    remove: async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
