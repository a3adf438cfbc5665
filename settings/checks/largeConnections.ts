import { auroraClasses, auroraMaxConnections, auroraServerless } from "../../prices/aws";
import { tiers } from "../../tiers";
import {
  clientConnections,
  largeConnectionBudget,
  tasksDuringDeploy,
  usableConnections,
  type LargeConnectionBudget,
} from "../largeConnections";
import { leastPool } from "../pools";
import { problem, setCommand, type Problem } from "../problems";
import type { LargeConfig } from "../schema";
import { offeredClasses } from "./awsData";

type Config = Pick<LargeConfig, "postgres" | "app" | "worker" | "services" | "region">;

/** Whether the connections of all clients at maximum scale, in a deploy, fit the database. */
export function largeConnectionProblems(config: Config): Problem[] {
  const budget = largeConnectionBudget(config);
  if (budget === undefined || budget.total <= budget.usable) return [];
  const { usable, reserved, largest, total, limit } = budget;
  const { path, maxTasks, poolPerProcess, connections } = largest;
  const surge = tasksDuringDeploy(1);
  return [
    problem(
      [...path, "poolPerProcess"],
      `${poolPerProcess}: ${maxTasks} tasks x ${surge} during a deploy x ${poolPerProcess} + ${total - connections - reserved} of everything else + ${reserved} reserved = ${total} connections`,
      `at most ${usable} in all, ${tiers.large.postgres.maxConnectionSharePercent} % of the database's ${limit}`,
      fewerConnections(budget) ?? largerDatabase(config, total),
    ),
  ];
}

/** A change of what needs the most, after which everything fits; undefined where none is enough. */
function fewerConnections({ usable, total, largest }: LargeConnectionBudget): string | undefined {
  const { path, minTasks, maxTasks, poolPerProcess, connections } = largest;
  const room = usable - (total - connections);
  const pool = Math.floor(room / tasksDuringDeploy(maxTasks));
  if (pool >= leastPool) return setCommand([...path, "poolPerProcess"], String(pool));
  const tasks = Math.floor(room / leastPool / tasksDuringDeploy(1));
  if (tasks < minTasks) return undefined;
  return [
    setCommand([...path, "maxTasks"], String(tasks)),
    ...(poolPerProcess > leastPool
      ? [setCommand([...path, "poolPerProcess"], String(leastPool))]
      : []),
  ].join(" and ");
}

/** The smallest database that so many connections fit. */
function largerDatabase({ postgres, region }: Config, total: number): string {
  const fits = (memoryGib: number): boolean =>
    usableConnections(clientConnections(auroraMaxConnections(memoryGib))) >= total;
  const fewerTasks = "lower drops:app.minTasks and drops:app.maxTasks";
  if (postgres.provider === "external" || postgres.maxConnections !== undefined) {
    const key = postgres.provider === "external" ? "connectionLimit" : "maxConnections";
    return `${fewerTasks}, or let the database allow more and raise drops:postgres.${key}`;
  }
  if (postgres.mode === "serverless") {
    const { capacity, memoryGibPerAcu } = auroraServerless;
    for (let acu = Math.ceil(postgres.maxAcu); acu <= capacity.high; acu += 1) {
      if (fits(acu * memoryGibPerAcu)) return setCommand(["postgres", "maxAcu"], String(acu));
    }
    return fewerTasks;
  }
  const [larger] = offeredClasses(region)
    .filter((name) => fits(auroraClasses[name].memoryGib))
    .sort((one, other) => auroraClasses[one].memoryGib - auroraClasses[other].memoryGib);
  return larger === undefined ? fewerTasks : setCommand(["postgres", "instanceClass"], larger);
}
