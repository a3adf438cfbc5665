import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { renderBundle } from "../../host/bundle";
import { makeAuthority, type TestAuthority } from "./authority";
import { startPostgres, type Postgres } from "./postgresServer";
import { tierPostgres } from "./programs";
import { monitoringSpec } from "./sample";
import {
  describeWith,
  eventually,
  freePort,
  run,
  temporaryDirectory,
  writeFiles,
  type Finished,
} from "./support";
import { startUnit } from "./units";

/** libpq of the tiers' own major version for an older Debian's psql: before 16 it knows no "system". */
const libpq = { LD_LIBRARY_PATH: join(tierPostgres, "../lib") };

/**
 * A managed database whose certificate comes from an authority that the whole world trusts sends no
 * `database-ca`. SSL_CERT_FILE stands for the trust store of a machine that knows the test's.
 */
describeWith(["initdb", "psql", "python3", "openssl"], "the database's certificate", () => {
  const { files } = renderBundle(monitoringSpec({ replicas: 0, redisExporter: false }));
  let authority: TestAuthority;
  let postgres: Postgres;
  let root: string;
  const base = temporaryDirectory();
  let number = 0;

  beforeAll(async () => {
    authority = makeAuthority();
    postgres = await startPostgres("", { settings: authority.settings });
    postgres.sql("doadmin", "GRANT CREATE ON SCHEMA public TO drops_owner");
    postgres.sql("drops_owner", "CREATE TABLE cards AS SELECT 1 AS id");
  });
  beforeEach(() => {
    root = join(base, String(number++));
    writeFiles(root, files);
    mkdirSync(join(root, "etc/drops/secrets"), { recursive: true });
    secret("metrics-token", "t".repeat(40));
    secret("database-url", url("drops_app"));
    secret("database-owner-url", url("drops_owner"));
    secret("database-admin-url", url("doadmin"));
  });

  const url = (role: string, host = "localhost", more = ""): string =>
    `postgresql://${role}:p%40ss@${host}:${postgres.port}/drops?sslmode=verify-full${more}`;
  const secret = (name: string, value: string): void => {
    writeFileSync(join(root, "etc/drops/secrets", name), value);
  };
  const compose = (): void => {
    const result = run(join(root, "usr/local/lib/drops/compose"), [], {
      env: { DROPS_HOST_ROOT: root },
    });
    expect([result.status, result.output]).toEqual([0, ""]);
  };
  const pg = (name: string, args: readonly string[], env = {}): Finished =>
    run(join(root, "usr/local/lib/drops/pg"), [name, ...args], {
      env: { DROPS_HOST_ROOT: root, HOME: root, ...libpq, ...env },
    });
  const trusting = (): Record<string, string> => ({ SSL_CERT_FILE: authority.file });

  it("is verified with the machine's own trust store for grants and dump", () => {
    compose();
    const grant = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "owner=drops_owner"];
    const script = [...grant, "-v", "app=drops_app", "-f", join(root, "etc/drops/roles.sql")];
    const granted = pg("database-admin-url", script, trusting());
    expect([granted.status, granted.output]).toEqual([0, expect.not.stringContaining("ERROR")]);
    const dumped = pg("database-owner-url", ["pg_dump", "--table=cards"], trusting());
    expect(dumped.output).toContain("COPY public.cards (id) FROM stdin;");
  });

  it("is refused where nobody vouches for it, and where it is for another name", () => {
    compose();
    const select = ["psql", "-X", "-c", "SELECT 1"];
    const stranger = pg("database-url", select, { SSL_CERT_FILE: "" });
    expect(stranger.output).toContain("certificate verify failed");
    secret("database-url", url("drops_app", "127.0.0.1"));
    const misnamed = pg("database-url", select, trusting());
    expect(misnamed.output).toMatch(/certificate for "localhost" .*does not match host name/);
  });

  it("is verified with the authority that was sent, and with no other", () => {
    secret("database-ca", authority.pem);
    compose();
    const select = ["psql", "-X", "-A", "-t", "-c", "SELECT 1"];
    expect(pg("database-url", select, { SSL_CERT_FILE: "" }).output).toBe("1\n");
    secret("database-ca", makeAuthority().pem);
    compose();
    expect(pg("database-url", select, trusting()).output).toContain("certificate verify failed");
  });

  it("leaves weaker modes as they are", () => {
    rmSync(join(root, "etc/drops/database-ca.pem"), { force: true });
    secret("database-url", url("drops_app").replace("verify-full", "require"));
    const select = ["psql", "-X", "-A", "-t", "-c", "SELECT 1"];
    expect(pg("database-url", select, { SSL_CERT_FILE: "" }).output).toBe("1\n");
  });

  describeWith(["debian13:prometheus-postgres-exporter", "curl"], "for the exporter", () => {
    const up = async (env: Record<string, string>): Promise<string> => {
      compose();
      const port = await freePort();
      startUnit(files, "prometheus-postgres-exporter", {
        relocate: (text) =>
          text.replaceAll("/etc/drops", `${root}/etc/drops`).replaceAll(":9187", `:${port}`),
        env,
      });
      return await eventually(() => {
        const { output } = run("curl", ["-s", `http://127.0.0.1:${port}/metrics`]);
        const value = /^pg_up (\d)$/m.exec(output)?.[1];
        if (value === undefined) throw new Error(output);
        return value;
      });
    };

    it.each<[string, () => Record<string, string>, string]>([
      ["is verified with the machine's trust store", trusting, "1"],
      ["is refused where nobody vouches for it", () => ({ SSL_CERT_FILE: "/dev/null" }), "0"],
    ])("%s", async (_, env, expected) => {
      expect(await up(env())).toBe(expected);
    });

    it("is verified with the authority that was sent", async () => {
      secret("database-ca", authority.pem);
      expect(await up({ SSL_CERT_FILE: "/dev/null" })).toBe("1");
    });

    it("is verified though the URL names libpq's trust store, which the exporter does not know", async () => {
      secret("database-url", url("drops_app", "localhost", "&sslrootcert=system"));
      expect(await up(trusting())).toBe("1");
    });
  });
});
