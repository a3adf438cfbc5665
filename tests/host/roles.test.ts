import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { tiers } from "../../tiers";
import { renderBundle } from "../../host/bundle";
import { tierPostgres } from "./programs";
import { startPostgres, type Postgres } from "./postgresServer";
import { sampleSpec } from "./sample";
import { describeWith, run, temporaryDirectory, type Finished } from "./support";

const files = join(__dirname, "../../host/files");

describeWith(["psql", "python3"], "the database's roles", () => {
  const root = temporaryDirectory();
  let postgres: Postgres;
  const psql = (secret: string, file: string): Finished =>
    run(
      "python3",
      [
        ...[join(files, "pg.py"), secret, "psql", "--no-psqlrc", "--quiet"],
        ...["--set=ON_ERROR_STOP=1", "--set=owner=drops_owner", "--set=app=drops_app"],
        `--file=${join(files, file)}`,
      ],
      { env: { DROPS_HOST_ROOT: root } },
    );
  /** As `apply` does it: by the secret URLs, none of them in an argument. */
  const grant = (): Finished => {
    const administrator = psql("database-admin-url", "roles.sql");
    return administrator.status === 0
      ? { ...psql("database-owner-url", "owner.sql"), output: administrator.output }
      : administrator;
  };

  beforeAll(async () => {
    // Copied: the user that Postgres runs as may not be able to reach the checkout.
    const copy = join(temporaryDirectory(), "postgres");
    cpSync(join(tierPostgres, ".."), copy, { recursive: true, verbatimSymlinks: true });
    postgres = await startPostgres(join(copy, "bin"));
    mkdirSync(join(root, "etc/drops/secrets"), { recursive: true });
    const secrets = join(root, "etc/drops/secrets");
    writeFileSync(join(secrets, "database-admin-url"), postgres.urlOf("doadmin"));
    writeFileSync(join(secrets, "database-owner-url"), postgres.urlOf("drops_owner"));
  });

  it("are tried on the major version that the tiers run", () => {
    expect(postgres.sql("provider", "SHOW server_version").output).toMatch(
      new RegExp(`^${tiers.small.postgres.major}\\.`),
    );
  });

  it("may create nothing before", () => {
    const answer = postgres.sql("drops_owner", "CREATE TABLE early (id int)");
    expect(answer.output).toContain("permission denied for schema public");
  });

  it("are granted by an administrator who is no superuser, and what was refused is said", () => {
    const answer = grant();
    expect(answer.output).toMatch(
      /WARNING: {2}not done: CREATE EXTENSION IF NOT EXISTS pg_stat_statements \(permission denied/,
    );
    expect(answer.output).not.toContain("ERROR");
    expect(answer.status).toBe(0);
  });

  it("are granted again without complaint, and where the provider allows it with statements", () => {
    run("psql", [
      ...["-h", "127.0.0.1", "-p", String(postgres.port), "-U", "provider", "-d", "drops"],
      ...["-c", "CREATE EXTENSION pg_stat_statements"],
    ]);
    const answer = grant();
    expect([answer.status, answer.output]).toEqual([0, ""]);
  });

  it("let the owner create and the app use, but not create", () => {
    expect(postgres.sql("drops_owner", "CREATE TABLE cards (id serial, name text)").output).toBe(
      "",
    );
    expect(postgres.sql("drops_app", "INSERT INTO cards (name) VALUES ('a')").output).toBe("");
    expect(postgres.sql("drops_app", "SELECT name FROM cards").output).toBe("a\n");
    for (const statement of ["CREATE TABLE mine (id int)", "DROP TABLE cards", "TRUNCATE cards"]) {
      const answer = postgres.sql("drops_app", statement);
      expect([statement, answer.status]).toEqual([statement, 1]);
      expect(answer.output).toMatch(/permission denied|must be owner/);
    }
  });

  it("let the app see statement times, its own monitoring left out", () => {
    const { content } = renderBundle(sampleSpec()).files.find(({ path }) =>
      path.endsWith("/postgres-queries.yml"),
    )!;
    const { query } = (parse(content) as { pg_stat_statements: { query: string } })
      .pg_stat_statements;
    postgres.sql("provider", "SELECT 1");
    const read = (): number[] =>
      postgres.sql("drops_app", query).output.trim().split("|").map(Number);
    const before = read();
    expect(before[0]).toBeGreaterThan(0);
    // Twenty scrapes add nothing; five statements of the app do.
    for (let scrape = 0; scrape < 5; scrape++) read();
    postgres.sql("drops_app", "SELECT count(*) FROM pg_stat_activity");
    expect(read()).toEqual(before);
    for (let request = 0; request < 5; request++) {
      postgres.sql("drops_app", "SELECT name, pg_sleep(0.02) FROM cards");
    }
    const after = read();
    expect(after[0]! - before[0]!).toBe(5);
    expect(after[1]! - before[1]!).toBeGreaterThan(0.1);
    expect(after[1]! - before[1]!).toBeLessThan(2);
  });
});

describeWith(["python3"], "pg", () => {
  const root = temporaryDirectory();
  mkdirSync(join(root, "etc/drops/secrets"), { recursive: true });
  mkdirSync(join(root, "bin"));
  cpSync(join(files, "pg.py"), join(root, "bin/pg"));
  const pg = (url: string, ...args: string[]): Finished => {
    writeFileSync(join(root, "etc/drops/secrets/some-url"), url);
    return run("python3", [join(root, "bin/pg"), ...args], { env: { DROPS_HOST_ROOT: root } });
  };
  const shown = ["PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE"];

  it.each([
    [
      "postgresql://u:p%40s%2Fs@h.example:25060/drops?sslmode=require",
      "h.example 25060 u p@s/s drops require",
    ],
    ["postgres://u@h/drops", "h 5432 u  drops "],
    ["postgresql://u:p@[::1]:6000/d%20b?application_name=x", "::1 6000 u p d b "],
  ])("turns %s into the client's variables", (url, expected) => {
    const print = `import os; print(*[os.environ.get(n, "") for n in ${JSON.stringify(shown)}])`;
    expect(pg(url, "some-url", "python3", "-c", print).output).toBe(`${expected}\n`);
    expect(pg(url, "--user", "some-url").output).toBe("u\n");
  });

  it("verifies the server's certificate where its authority is known", () => {
    writeFileSync(join(root, "etc/drops/database-ca.pem"), "PEM");
    const print = 'import os; print(os.environ["PGSSLROOTCERT"])';
    expect(pg("postgres://u:p@h/d", "some-url", "python3", "-c", print).output).toBe(
      `${root}/etc/drops/database-ca.pem\n`,
    );
  });

  it("names the secret and not its value when it is no URL", () => {
    const answer = pg("mysql://u:hidden@h/d", "some-url", "true");
    expect(answer.output).toBe("pg: some-url is not a postgresql:// URL\n");
    expect(answer.status).toBe(1);
  });
});
