import { albLimits, cacheLimits, fargateMemoryMib, fargateSizeProblem } from "../../prices/aws";
import { tiers } from "../../tiers";
import { tasksDuringDeploy, largeConnectionBudget } from "../largeConnections";
import { isEcr, largeImageWords, readLargeImage } from "../largeImage";
import { appName } from "../names";
import { problem, removeCommand, setCommand, shown, type Problem } from "../problems";
import type { LargeConfig } from "../schema";

/** Longest name of a stack whose resources AWS still takes: the balancer's is the tightest. */
const longestStack = albLimits.nameLength.high - appName("").length;

/** Names of services that the stack has already. */
const takenServices: readonly string[] = ["web", "worker", "migrate", "roles"];

/** Whether AWS takes the names that the stack gives its parts. */
export function awsNameProblems(stack: string): Problem[] {
  const fits =
    stack.length <= Math.min(longestStack, cacheLimits.idLength.high - appName("").length) &&
    !stack.endsWith("-") &&
    !stack.includes("--");
  return fits
    ? []
    : [
        {
          key: "the stack's name",
          got: JSON.stringify(stack),
          allowed: `up to ${longestStack} characters, no two hyphens in a row, the last a letter or digit: AWS's names begin with it`,
          fix: "pulumi stack rename prod",
        },
      ];
}

/** The image that is deployed, and who may read it. */
export function largeImageProblems({
  image,
  registryCredentials,
}: Pick<LargeConfig, "image" | "registryCredentials">): Problem[] {
  const read = readLargeImage(image);
  if ("what" in read) {
    return [
      problem(
        ["image"],
        `${shown(image)}, ${read.what}`,
        largeImageWords,
        setCommand(["image"], "ghcr.io/OWNER/NAME@sha256:DIGEST"),
      ),
    ];
  }
  if (registryCredentials !== undefined && (read.host === undefined || isEcr(read))) {
    return [
      problem(
        ["registryCredentials"],
        "[secret], with an image in a registry of AWS",
        "nothing: the tasks' role reads it",
        removeCommand(["registryCredentials"]),
      ),
    ];
  }
  return [];
}

type Tasks = Pick<LargeConfig["worker"], "cpuUnits" | "memoryMib" | "minTasks" | "maxTasks">;
type Path = readonly (string | number)[];

/** Sizes and counts of all tasks against what Fargate sells. */
export function taskProblems(config: Pick<LargeConfig, "app" | "worker" | "services">): Problem[] {
  return [
    ...tasksProblems(["app"], config.app),
    ...tasksProblems(["worker"], config.worker),
    ...config.services.flatMap((service, index) => tasksProblems(["services", index], service)),
    ...serviceNameProblems(config.services.map(({ name }) => name)),
  ];
}

function tasksProblems(path: Path, { cpuUnits, memoryMib, minTasks, maxTasks }: Tasks): Problem[] {
  const problems: Problem[] = [];
  const size = fargateSizeProblem(cpuUnits, memoryMib);
  if (size !== undefined) {
    const [memory] = fargateMemoryMib(cpuUnits);
    problems.push(
      problem(
        [...path, memory === undefined ? "cpuUnits" : "memoryMib"],
        memory === undefined ? String(cpuUnits) : `${memoryMib}, with cpuUnits ${cpuUnits}`,
        size,
        memory === undefined
          ? setCommand([...path, "cpuUnits"], String(tiers.large.web.cpuUnits))
          : setCommand([...path, "memoryMib"], String(memory)),
      ),
    );
  }
  if (maxTasks < minTasks) {
    problems.push(
      problem(
        [...path, "maxTasks"],
        `${maxTasks}, with minTasks ${minTasks}`,
        "minTasks or more",
        setCommand([...path, "maxTasks"], String(minTasks)),
      ),
    );
  }
  return problems;
}

function serviceNameProblems(names: readonly string[]): Problem[] {
  return names.flatMap((name, index) => {
    const taken = takenServices.includes(name);
    if (!taken && names.indexOf(name) === index) return [];
    return [
      problem(
        ["services", index, "name"],
        shown(name),
        taken
          ? `another name than ${takenServices.join(", ")}, which the stack has already`
          : "a name that no other service has",
        setCommand(["services", index, "name"], `${name}-${index + 1}`),
      ),
    ];
  });
}

/** The least that a process can work with: a connection for queries, and its control connection. */
const leastPool = 2;

/** Whether the connections of all clients at maximum scale, in a deploy, fit the database. */
export function largeConnectionProblems(
  config: Pick<LargeConfig, "postgres" | "app" | "worker" | "services">,
): Problem[] {
  const budget = largeConnectionBudget(config);
  if (budget === undefined || budget.total <= budget.usable) return [];
  const { usable, reserved, others, total, limit } = budget;
  const { app } = config;
  const surge = tasksDuringDeploy(1);
  const pool = Math.floor((usable - reserved - others) / tasksDuringDeploy(app.maxTasks));
  return [
    problem(
      ["app", "poolPerProcess"],
      `${app.poolPerProcess}: ${app.maxTasks} tasks x ${surge} during a deploy x ${app.poolPerProcess} + ${others} of workers and services + ${reserved} reserved = ${total} connections`,
      `at most ${usable}, ${tiers.large.postgres.maxConnectionSharePercent} % of the database's ${limit}`,
      pool >= leastPool
        ? setCommand(["app", "poolPerProcess"], String(pool))
        : "choose a larger drops:postgres.instanceClass, or fewer drops:app.maxTasks",
    ),
  ];
}
