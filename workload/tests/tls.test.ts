import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { authority, certificateOf, written } from "./support/certificates";
import { call, openDrop } from "./support/client";
import { newDatabase, newPostgres, urlOf, type PostgresServer } from "./support/postgres";
import { runMigrate, startApp } from "./support/programs";

let postgres: PostgresServer;
let directory: string;
let ca: string;
let otherCa: string;
/** What an operator adds to the authorities that Node brings along. */
let trusted: ReturnType<typeof written<"ca.pem">>;

beforeAll(async () => {
  const [own, other] = [await authority("Drops test CA"), await authority("Some other CA")];
  [ca, otherCa] = [own.cert, other.cert];
  // Good for 127.0.0.1 and not for localhost.
  const server = await certificateOf(own, { ip: "127.0.0.1" });
  trusted = written({ "ca.pem": ca });
  postgres = await newPostgres();
  directory = mkdtempSync(join(tmpdir(), "drops-tls-"));
  chmodSync(directory, 0o755);
  const { uid, gid } = statSync(join(postgres.directory, "data"));
  for (const [name, text] of [
    ["server.crt", server.cert],
    ["server.key", server.private],
  ] as const) {
    const path = join(directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    chownSync(path, uid, gid);
  }
  // Who does not encrypt does not get in.
  writeFileSync(
    join(postgres.directory, "data/pg_hba.conf"),
    "hostssl all all 127.0.0.1/32 scram-sha-256\n",
  );
  writeFileSync(
    join(postgres.directory, "data/postgresql.auto.conf"),
    `ssl = on\nssl_cert_file = '${directory}/server.crt'\nssl_key_file = '${directory}/server.key'\n`,
  );
  await newDatabase(postgres.port, "drops");
  await postgres.stop();
  await postgres.start();
  const migrated = await runMigrate(inject("dist"), {
    MIGRATION_DATABASE_URL: urlOf(postgres.port, "drops", "drops_owner", "?sslmode=require"),
    DATABASE_CA: ca,
  });
  expect(migrated.output).toContain("up to date");
});
afterAll(async () => {
  await postgres.remove();
  trusted.remove();
  rmSync(directory, { recursive: true, force: true });
});

const localhost = (url: string) => url.replace("127.0.0.1", "localhost");
const same = (url: string) => url;

it.each([
  ["the authority is known", "?sslmode=verify-full", (): string => ca, same, 200],
  ["the authority makes require strict", "?sslmode=require", (): string => ca, same, 200],
  ["the authority on one line", "", (): string => ca.replaceAll("\n", "\\n"), same, 200],
  ["encrypted, unverified", "?sslmode=require", (): string => "", same, 200],
  ["another authority", "?sslmode=verify-full", (): string => otherCa, same, 503],
  ["another authority and require", "?sslmode=require", (): string => otherCa, same, 503],
  ["another name", "?sslmode=verify-full", (): string => ca, localhost, 503],
  ["verified by the system's store", "?sslmode=verify-full", (): string => "", same, 503],
  ["plain text on loopback", "", (): string => "", same, 503],
  ["plain text", "?sslmode=disable", (): string => "", same, 503],
] as const)("%s: %s", async (_name, parameters, authorityOf, change, status) => {
  const app = await startApp(inject("dist"), {
    DATABASE_URL: change(urlOf(postgres.port, "drops", "drops_app", parameters)),
    DATABASE_CA: authorityOf(),
  });
  expect((await call(app, "/readyz")).status).toBe(status);
  expect((await openDrop(app, 1)).status).toBe(status === 200 ? 201 : 503);
  await app.stop();
});

it.each([
  ["the address that it is for", same, 200],
  ["another name", localhost, 503],
] as const)(
  "verify-full trusts Node's store and NODE_EXTRA_CA_CERTS: %s",
  async (_name, change, status) => {
    const url = change(urlOf(postgres.port, "drops", "drops_app", "?sslmode=verify-full"));
    const env = { DATABASE_URL: url, NODE_EXTRA_CA_CERTS: trusted.paths["ca.pem"] };
    const app = await startApp(inject("dist"), env);
    expect((await call(app, "/readyz")).status).toBe(status);
    expect((await openDrop(app, 1)).status).toBe(status === 200 ? 201 : 503);
    await app.stop();
  },
);
