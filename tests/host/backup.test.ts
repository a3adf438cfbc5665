import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { renderBundle } from "../../host/bundle";
import { startPostgres, type Postgres } from "./postgresServer";
import { sampleSpec } from "./sample";
import { describeWith, run, temporaryDirectory, writeFiles, type Finished } from "./support";
import { find } from "./programs";

/** Stands in for rclone: a bucket is a directory, and how it was called is noted. */
const fakeRclone = `#!/bin/bash
set -euo pipefail
echo "$*" >> "$FAKE/calls"
env | grep ^RCLONE_ | sort > "$FAKE/env"
at() { echo "$FAKE/bucket/\${1#store:}"; }
case $1 in
  rcat)
    mkdir -p "$(dirname "$(at "$2")")"
    if [ "\${FAKE_TRUNCATE:-}" ]; then head -c 100 > "$(at "$2")"; cat > /dev/null; else cat > "$(at "$2")"; fi
    ;;
  lsf) stat -c %s "$(at "$4")" ;;
  moveto) mv "$(at "$2")" "$(at "$3")" ;;
  deletefile) rm "$(at "$2")" ;;
  delete) ;;
  *) exit 64 ;;
esac
`;

describeWith(["initdb", "psql", "python3", "bash", "rclone"], "the nightly dump", () => {
  let root: string;
  let postgres: Postgres;
  const base = temporaryDirectory();
  let number = 0;

  beforeAll(async () => {
    postgres = await startPostgres();
    postgres.sql("doadmin", "GRANT CREATE ON SCHEMA public TO drops_owner");
    postgres.sql("drops_owner", "CREATE TABLE cards AS SELECT generate_series(1, 5000) AS id");
  });

  beforeEach(() => {
    root = join(base, String(number++));
    writeFiles(root, renderBundle(sampleSpec()).files);
    writeFiles(root, [{ path: "/bin/rclone", mode: "0755", content: fakeRclone }]);
    for (const directory of ["var/lib/prometheus/node-exporter", "etc/drops/secrets", "fake"]) {
      mkdirSync(join(root, directory), { recursive: true });
    }
    secret("backup-bucket", "drops-backups");
    secret("backup-access-key", "AKID");
    secret("backup-secret-key", "hidden-key");
    secret("database-owner-url", postgres.urlOf("drops_owner"));
  });

  const secret = (name: string, value: string): void => {
    writeFileSync(join(root, "etc/drops/secrets", name), value);
  };
  const backup = (env: Readonly<Record<string, string>> = {}): Finished =>
    run(join(root, "usr/local/lib/drops/backup"), [], {
      env: {
        DROPS_HOST_ROOT: root,
        FAKE: join(root, "fake"),
        PATH: `${join(root, "bin")}:${process.env.PATH ?? ""}`,
        ...env,
      },
    });
  const prefix = (): string => join(root, "fake/bucket/drops-backups/dumps/small");
  const dumps = (): string[] =>
    existsSync(prefix()) ? readdirSync(prefix()).filter((name) => name.endsWith(".dump")) : [];
  const metric = (): string => join(root, "var/lib/prometheus/node-exporter/drops_backup.prom");
  const calls = (): string[] => readFileSync(join(root, "fake/calls"), "utf8").trim().split("\n");

  it("stores a dump that restores, then says so and prunes", () => {
    const result = backup();
    expect(result.output).toMatch(/^backup: stored dumps\/small\/\d{8}T\d{6}Z\.dump, \d+ bytes\n$/);
    expect(result.status).toBe(0);
    const [name] = dumps();
    const listing = run("pg_restore", ["--list", join(prefix(), name!)]);
    expect(listing.output).toContain("TABLE DATA public cards drops_owner");
    const restored = run("pg_restore", ["--data-only", "--file=-", join(prefix(), name!)]);
    expect(restored.output.split("\n").filter((line) => /^\d+$/.test(line))).toHaveLength(5_000);

    const text = readFileSync(metric(), "utf8");
    const when = Number(/^drops_backup_last_success_timestamp_seconds (\d+)$/m.exec(text)![1]);
    expect(Math.abs(when - Date.now() / 1_000)).toBeLessThan(60);
    const size = statSync(join(prefix(), name!)).size;
    expect(text).toContain(`drops_backup_size_bytes ${size}\n`);
    expect(statSync(metric()).mode & 0o777).toBe(0o644);
    expect(calls().at(-1)).toBe("delete --min-age 30d store:drops-backups/dumps/small");
  });

  it("shows its keys in no argument", () => {
    backup();
    expect(calls().join("\n")).not.toMatch(/hidden-key|AKID|p%40ss/);
    const environment = readFileSync(join(root, "fake/env"), "utf8");
    expect(environment).toContain("RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY=hidden-key\n");
    expect(environment).toContain("RCLONE_CONFIG_STORE_ENDPOINT=fra1.digitaloceanspaces.com\n");
  });

  it.each<[string, () => Readonly<Record<string, string>>]>([
    [
      "the database does not answer",
      () => {
        secret("database-owner-url", "postgresql://u:p@127.0.0.1:1/drops");
        return {};
      },
    ],
    [
      "the role may not read a table",
      () => {
        secret("database-owner-url", postgres.urlOf("drops_app"));
        return {};
      },
    ],
    [
      "pg_dump dies in the middle",
      () => {
        const content = "#!/bin/sh\nhead -c 5000 /dev/zero\nexit 1\n";
        writeFiles(root, [{ path: "/bin/pg_dump", mode: "0755", content }]);
        return {};
      },
    ],
    ["the stored object is shorter than what was sent", () => ({ FAKE_TRUNCATE: "1" })],
  ])("counts nothing and prunes nothing when %s", (_, spoil) => {
    const result = backup(spoil());
    expect(result.status).not.toBe(0);
    expect(result.output).toContain("backup: failed, nothing counts as stored");
    expect(result.output).not.toContain("p%40ss");
    expect(dumps()).toEqual([]);
    expect(readdirSync(join(prefix(), "partial"))).toEqual([]);
    expect(existsSync(metric())).toBe(false);
    expect(calls().filter((call) => call.startsWith("delete "))).toEqual([]);
  });

  it("is stored, measured and pruned by the real rclone", () => {
    // A bucket is a directory here too, but every command and flag is judged by rclone itself.
    const bucket = join(root, "fake/bucket");
    const content = `#!/bin/sh
export RCLONE_CONFIG_STORE_TYPE=alias RCLONE_CONFIG_STORE_REMOTE=${bucket}
exec ${find("rclone")!} "$@"
`;
    writeFiles(root, [{ path: "/bin/rclone", mode: "0755", content }]);
    mkdirSync(join(prefix(), "partial"), { recursive: true });
    const aged = ["20200101T000000Z.dump", "partial/20200102T000000Z.dump"];
    for (const name of aged) {
      writeFileSync(join(prefix(), name), "old");
      utimesSync(join(prefix(), name), 1_577_836_800, 1_577_836_800);
    }
    const result = backup();
    expect(result.output).toMatch(/^backup: stored dumps\/small\/\S+, \d+ bytes\n$/);
    expect(result.status).toBe(0);
    expect(dumps()).toHaveLength(1);
    expect(readdirSync(join(prefix(), "partial"))).toEqual([]);
    expect(readFileSync(join(prefix(), dumps()[0]!)).subarray(0, 5).toString()).toBe("PGDMP");
  });
});
