import { standardPlanChange } from "../../prices/digitalocean";
import { tiers } from "../../tiers";
import { connectionBudget, processesOf } from "../connections";
import { problem, setCommand, shown, type Problem } from "../problems";
import type { SmallConfig } from "../schema";
import { creatablePostgresSizes } from "../sizes";
import { externalPostgresProblems } from "./externalPostgres";

/** Who runs Postgres, what the provider still sells, and the connections that all clients need. */
export function databaseProblems(config: SmallConfig): Problem[] {
  const { provider, readReplicas, size } = config.postgres;
  const problems = externalPostgresProblems(config.postgres);
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
