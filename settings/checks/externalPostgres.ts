import { problem, setCommand, type Problem } from "../problems";
import type { SmallConfig } from "../schema";

/** The URL and the limit that an external database has, and a managed one has not. */
export function externalPostgresProblems({
  provider,
  url,
  connectionLimit,
}: Pick<SmallConfig["postgres"], "provider" | "url" | "connectionLimit">): Problem[] {
  const problems: Problem[] = [];
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
  if (provider === "digitalocean" && url !== undefined) {
    problems.push(
      problem(
        ["postgres", "url"],
        "[secret], with provider digitalocean",
        "nothing: the managed database has its own URL",
        setCommand(["postgres", "provider"], "external"),
      ),
    );
  }
  return problems;
}
