import { problem, removeCommand, setCommand, type Problem } from "../problems";
import type { SmallConfig } from "../schema";

/** What a stack says of a Postgres that somebody else runs. */
type ExternalPostgres = Pick<SmallConfig["postgres"], "url" | "ownerUrl" | "connectionLimit"> & {
  readonly provider: string;
};

/** The URL and the limit that an external database has, and a managed one has not. */
export function externalPostgresProblems({
  provider,
  url,
  ownerUrl,
  connectionLimit,
}: ExternalPostgres): Problem[] {
  const problems: Problem[] = [];
  if (provider !== "external" && ownerUrl !== undefined) {
    problems.push(
      problem(
        ["postgres", "ownerUrl"],
        `[secret], with provider ${provider}: the managed database has its own owner`,
        "nothing",
        removeCommand(["postgres", "ownerUrl"]),
      ),
    );
  }
  if (ownerUrl !== undefined && url !== undefined && sameUser(ownerUrl, url)) {
    problems.push(
      problem(
        ["postgres", "ownerUrl"],
        "the app's own role, which must not own what a promotion fences",
        "another role than that of drops:postgres.url",
        setCommand(["postgres", "ownerUrl"], "", true),
      ),
    );
  }
  if (provider === "external" && url === undefined) {
    problems.push(
      problem(
        ["postgres", "url"],
        "nothing, with provider external",
        "postgresql://user:password@host:port/database",
        setCommand(["postgres", "url"], "", true),
      ),
    );
  }
  if (provider === "external" && connectionLimit === undefined) {
    problems.push(
      problem(
        ["postgres", "connectionLimit"],
        "nothing, with provider external",
        "the connections that the database allows (`show max_connections`)",
        setCommand(["postgres", "connectionLimit"], "60"),
      ),
    );
  }
  if (provider !== "external" && url !== undefined) {
    problems.push(
      problem(
        ["postgres", "url"],
        `[secret], with provider ${provider}: the managed database has its own URL`,
        "nothing",
        setCommand(["postgres", "provider"], "external"),
      ),
    );
  }
  return problems;
}

/**
 * A medium or large stack migrates before each deploy by itself, as the owner, and gives the app's role its
 * rights: that takes two roles.
 */
export function ownerApartProblems({
  provider,
  ownerUrl,
}: Pick<ExternalPostgres, "provider" | "ownerUrl">): Problem[] {
  if (provider !== "external" || ownerUrl !== undefined) return [];
  return [
    problem(
      ["postgres", "ownerUrl"],
      "nothing, with provider external: the owner migrates before each deploy",
      "the URL of the role that owns the schema, another than the app's",
      setCommand(["postgres", "ownerUrl"], "", true),
    ),
  ];
}

/** Secrets that cannot be read here are taken for different. */
function sameUser(one: string, other: string): boolean {
  if (!URL.canParse(one) || !URL.canParse(other)) return false;
  const user = new URL(one).username;
  return user !== "" && user === new URL(other).username;
}
