import { postgresLimits } from "../../prices/digitalocean";
import { tiers } from "../../tiers";
import {
  duringDeploy,
  mediumConnectionBudget,
  sizeFitsEdition,
  type MediumConnectionBudget,
} from "../mediumConnections";
import { leastPool } from "../pools";
import { problem, setCommand, type Problem } from "../problems";
import type { MediumConfig } from "../schema";

type Config = Pick<MediumConfig, "postgres" | "app" | "worker">;

/** Whether the connections of all clients at maximum scale, in a deploy, fit the database. */
export function connectionProblems(config: Config): Problem[] {
  const budget = mediumConnectionBudget(config);
  // A size of the other edition is refused already, and its limit says nothing.
  if (budget === undefined || !sizeFitsEdition(config)) return [];
  return budget.pooled === undefined
    ? directProblems(config, budget)
    : pooledProblems(config, budget, budget.pooled);
}

/** `6 instances x 2 during a deploy x 8 + 1 worker x 2 x 2`, the way the numbers are added. */
function clientsInWords({ app, worker }: Config): string {
  const surge = duringDeploy(1);
  return (
    `${app.maxInstances} instances x ${surge} during a deploy x ${app.poolPerProcess}` +
    ` + ${worker.instances} ${worker.instances === 1 ? "worker" : "workers"} x ${surge} x ${worker.poolPerProcess}`
  );
}

function allowedInWords(
  { usable, limit, verified }: MediumConnectionBudget,
  whose: string,
): string {
  const share = tiers.medium.postgres.maxConnectionSharePercent;
  const assumed = verified
    ? ""
    : " (assumed by the Standard edition's rule: DigitalOcean has not published it)";
  return `at most ${usable}, ${share} % of the ${whose}'s ${limit}${assumed}`;
}

function directProblems(config: Config, budget: MediumConnectionBudget): Problem[] {
  const { usable, reserved, worker, total } = budget;
  if (total <= usable) return [];
  return [
    problem(
      ["app", "poolPerProcess"],
      `${config.app.poolPerProcess}: ${clientsInWords(config)} + ${reserved} reserved = ${total} connections`,
      allowedInWords(budget, "database"),
      fewerClients(config.app, usable - reserved - worker) ??
        `${setCommand(["postgres", "pool", "mode"], "transaction")}, or choose a larger drops:postgres.size`,
    ),
  ];
}

/** A change of one key after which the app needs no more than so many connections. */
function fewerClients(app: MediumConfig["app"], connections: number): string | undefined {
  const pool = Math.floor(connections / duringDeploy(app.maxInstances));
  if (pool >= leastPool) return setCommand(["app", "poolPerProcess"], String(pool));
  const instances = Math.floor(connections / (duringDeploy(1) * app.poolPerProcess));
  if (instances > app.minInstances) return setCommand(["app", "maxInstances"], String(instances));
  return undefined;
}

function pooledProblems(
  config: Config,
  budget: MediumConnectionBudget,
  { server, past }: NonNullable<MediumConnectionBudget["pooled"]>,
): Problem[] {
  const { usable, reserved, app, worker, total } = budget;
  const { mode } = config.postgres.pool;
  const clients = app + worker - past;
  const problems: Problem[] = [];
  if (total > usable) {
    const most = usable - reserved - past;
    problems.push(
      problem(
        ["postgres", "pool", "size"],
        `${server}: ${server} of the pool + ${past} processes that listen past it + ${reserved} reserved = ${total} connections`,
        allowedInWords(budget, "database"),
        most > 0
          ? setCommand(["postgres", "pool", "size"], String(most))
          : "choose a larger drops:postgres.size or fewer drops:app.maxInstances",
      ),
    );
  }
  if (mode === "session" && clients > server) {
    problems.push(
      problem(
        ["postgres", "pool", "mode"],
        `session, with ${server} connections for ${clientsInWords(config)} - ${past} past the pool = ${clients} clients`,
        `transaction, or at least ${clients} connections: in session mode a client keeps its own, and the next one waits`,
        setCommand(["postgres", "pool", "mode"], "transaction"),
      ),
    );
  }
  const { maxPoolClients } = postgresLimits;
  if (clients > maxPoolClients) {
    problems.push(
      problem(
        ["app", "poolPerProcess"],
        `${config.app.poolPerProcess}: ${clientsInWords(config)} - ${past} past the pool = ${clients} clients of the pool`,
        `at most the ${maxPoolClients} that a cluster's pools admit`,
        fewerClients(config.app, maxPoolClients - worker) ??
          "choose fewer drops:app.maxInstances or drops:worker.instances",
      ),
    );
  } else if (config.postgres.readReplicas > 0) {
    problems.push(...replicaProblems(config, budget));
  }
  return problems;
}

/** A replica has no pool before it: every instance of the app asks it directly. */
function replicaProblems(config: Config, budget: MediumConnectionBudget): Problem[] {
  const { exporter } = tiers.medium.postgres.reservedConnections;
  const { app, usable } = budget;
  if (app + exporter <= usable) return [];
  const { maxInstances, poolPerProcess } = config.app;
  return [
    problem(
      ["app", "poolPerProcess"],
      `${poolPerProcess}: ${maxInstances} instances x ${duringDeploy(1)} during a deploy x ${poolPerProcess} + ${exporter} reserved = ${app + exporter} connections to a read replica, which the pool does not serve`,
      allowedInWords(budget, "replica"),
      fewerClients(config.app, usable - exporter) ?? setCommand(["postgres", "readReplicas"], "0"),
    ),
  ];
}
