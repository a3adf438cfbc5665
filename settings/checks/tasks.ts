import { fargateCpuUnits, fargateMemoryMib, isFargateSize } from "../../prices/aws";
import { isEcr, largeImageWords, readLargeImage } from "../largeImage";
import { problem, removeCommand, setCommand, shown, type Problem } from "../problems";
import type { LargeConfig } from "../schema";

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
        "[secret], with an image in a registry of AWS, which the tasks' role reads",
        "nothing",
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
  ];
}

function tasksProblems(path: Path, tasks: Tasks): Problem[] {
  const { minTasks, maxTasks } = tasks;
  return [
    ...sizeProblems(path, tasks),
    ...(maxTasks < minTasks
      ? [
          problem(
            [...path, "maxTasks"],
            `${maxTasks}, with minTasks ${minTasks}`,
            `${minTasks} or more`,
            setCommand([...path, "maxTasks"], String(minTasks)),
          ),
        ]
      : []),
  ];
}

function sizeProblems(path: Path, { cpuUnits, memoryMib }: Tasks): Problem[] {
  if (isFargateSize(cpuUnits, memoryMib)) return [];
  const memory = fargateMemoryMib(cpuUnits);
  if (memory.length === 0) {
    const units = [...path, "cpuUnits"];
    return [
      problem(
        units,
        `${cpuUnits}, of which Fargate has no task`,
        fargateCpuUnits.join(", "),
        setCommand(units, String(nearest(fargateCpuUnits, cpuUnits))),
      ),
    ];
  }
  const takers = fargateCpuUnits.filter((units) => isFargateSize(units, memoryMib));
  const sold = takers.length === 0 ? "" : `, or this with cpuUnits ${takers.join(", ")}`;
  return [
    problem(
      [...path, "memoryMib"],
      `${memoryMib}, with cpuUnits ${cpuUnits}: Fargate has no such task`,
      `${inWords(memory)}${sold}`,
      setCommand([...path, "memoryMib"], String(nearest(memory, memoryMib))),
    ),
  ];
}

/** The next of some ascending numbers, or the last. */
const nearest = (values: readonly number[], wanted: number): number | undefined =>
  values.find((value) => value >= wanted) ?? values.at(-1);

/** `2048, 3072 ... 8192`. */
function inWords(values: readonly number[]): string {
  const [low, next] = values;
  return values.length <= 4
    ? values.join(", ")
    : `${low ?? 0}, ${next ?? 0} ... ${values.at(-1) ?? 0}`;
}
