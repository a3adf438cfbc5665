import { standardPlanChange } from "../../prices/digitalocean";
import { tiers } from "../../tiers";
import { connectionBudget, processesOf } from "../connections";
import { problem, setCommand, shown, type Problem } from "../problems";
import type { SmallConfig } from "../schema";
import { creatablePostgresSizes } from "../sizes";

/** Who runs Postgres, what the provider still sells, and the connections that all clients need. */
export function databaseProblems(config: SmallConfig): Problem[] {
  const { provider, url, readReplicas, size } = config.postgres;
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
  if (provider === "external" && config.postgres.connectionLimit === undefined) {
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
  if (readReplicas > 0) {
    problems.push(
      problem(
        ["postgres", "readReplicas"],
        shown(readReplicas),
        provider === "external"
          ? "0: the vendor's replicas are the vendor's"
          : `0: ${standardPlanChange.reason}`,
        `${setCommand(["postgres", "readReplicas"], "0")}; the medium tier has replicas`,
      ),
    );
  }
  if (provider === "digitalocean" && !creatablePostgresSizes.includes(size)) {
    problems.push(
      problem(
        ["postgres", "size"],
        shown(size),
        `${creatablePostgresSizes.join(", ")}: ${standardPlanChange.reason}`,
        setCommand(["postgres", "size"], creatablePostgresSizes.at(-1) ?? ""),
      ),
    );
  }
  const budget = connectionBudget(config);
  if (budget && budget.total > budget.usable) {
    const pool = Math.floor(
      (budget.usable - budget.reserved) / (processesOf(config) + tiers.small.app.surgeProcesses),
    );
    problems.push(
      problem(
        ["app", "poolPerProcess"],
        `${config.app.poolPerProcess}: (${processesOf(config)} processes + ${tiers.small.app.surgeProcesses} during a reload) x ${config.app.poolPerProcess} + ${budget.reserved} reserved = ${budget.total} connections`,
        `at most ${budget.usable}, ${tiers.small.postgres.maxConnectionSharePercent} % of the database's ${budget.limit}`,
        pool >= 2
          ? setCommand(["app", "poolPerProcess"], String(pool))
          : "choose a larger drops:postgres.size or fewer drops:app.processes",
      ),
    );
  }
  return problems;
}

/** Who runs Redis, and the URL that only an external one has. */
export function redisProblems(config: SmallConfig): Problem[] {
  const { provider, url } = config.redis;
  if (provider === "external" && url === undefined) {
    return [
      problem(
        ["redis", "url"],
        "nothing, with provider external",
        "redis:// or rediss:// with a host",
        setCommand(["redis", "url"], "", true),
      ),
    ];
  }
  if (provider !== "external" && url !== undefined) {
    return [
      problem(
        ["redis", "url"],
        `[secret], with provider ${provider}`,
        "nothing, unless the provider is external",
        setCommand(["redis", "provider"], "external"),
      ),
    ];
  }
  return [];
}
