import { z } from "zod";
import { albLimits, fargateCpuUnits, fargateLimits, fargateMemoryMib } from "../prices/aws";
import { tiers } from "../tiers";
import type { TaskSpec } from "../tiers/types";
import { choice, text, wholeOr, word } from "./leaf";
import { poolPerProcess } from "./pools";

const { web, worker, service } = tiers.large;
/** Tasks of one service; an account's quota is far below. */
const mostTasks = 500;
/** Longest silence, seconds, that the app's own limit on idle connections can outlast. */
const longestIdle = 3_500;
/** Amounts of memory that some task or other may have. */
const memoryMib = fargateCpuUnits.flatMap(fargateMemoryMib);

/** What a task of any service has. */
const taskKeys = (size: Pick<TaskSpec, "cpuUnits" | "memoryMib" | "poolPerProcess">) => ({
  cpuUnits: wholeOr(
    Math.min(...fargateCpuUnits),
    Math.max(...fargateCpuUnits),
    size.cpuUnits,
    "CPU of a task; 1024 units are one vCPU, which is what one process can use.",
  ),
  memoryMib: wholeOr(
    Math.min(...memoryMib),
    Math.max(...memoryMib),
    size.memoryMib,
    "Memory of a task; which amounts go with how much CPU Fargate sets.",
  ),
  poolPerProcess: poolPerProcess(size.poolPerProcess, "one task"),
});
const tasks = (least: number, count: number, description: string) =>
  wholeOr(least, mostTasks, count, description);
const share = (percent: number, what: string) =>
  wholeOr(
    10,
    95,
    percent,
    `Average ${what} that autoscaling aims at, of the app and likewise of the workers and services.`,
  );

/** The service that answers users, and what holds for all tasks. */
export const largeApp = z
  .strictObject({
    ...taskKeys(web),
    minTasks: tasks(2, web.minTasks, "Tasks that always run, spread over the zones."),
    maxTasks: tasks(2, web.maxTasks, "Tasks at the most."),
    cpuPercent: share(web.cpuPercent, "CPU"),
    memoryPercent: share(web.memoryPercent, "memory"),
    requestsPerTask: wholeOr(
      60,
      1_000_000,
      web.requestsPerTask,
      "Requests a minute for each task that autoscaling aims at.",
    ),
    drainSeconds: wholeOr(
      albLimits.deregistrationDelaySeconds.low,
      albLimits.deregistrationDelaySeconds.high,
      web.drainSeconds,
      "How long a task that is going keeps what it has begun, websockets included.",
    ),
    stopSeconds: wholeOr(
      10,
      fargateLimits.stopTimeoutSeconds.high,
      web.stopSeconds,
      "How long a task may then take to end before it is killed; one of the workers and services too.",
    ),
    idleTimeoutSeconds: wholeOr(
      31,
      Math.min(longestIdle, albLimits.idleTimeoutSeconds.high),
      web.idleTimeoutSeconds,
      "How long a connection may be silent: websockets send something every 30 seconds.",
    ),
    exec: choice(["off", "on"], {
      description:
        "Whether operators may open a shell in a task of the app, the workers and the services (`aws ecs execute-command`).",
    }).default("off"),
  })
  .prefault({});

/** What works in the background. */
export const largeWorker = z
  .strictObject({
    ...taskKeys(worker),
    minTasks: tasks(
      0,
      worker.minTasks,
      "Background workers that always run; with 0 the app does their work too, and no other key of drops:worker has an effect.",
    ),
    maxTasks: tasks(0, worker.maxTasks, "Workers at the most."),
  })
  .prefault({});

/** Longest name of a service, which becomes a part of others. */
export const serviceNameLength = { low: 3, high: 20 } as const;

const commandWord = {
  description: "What it runs, word by word.",
  allowed: "a text that is not empty",
};

/** Further services of the same image. */
export const largeFurtherServices = z
  .array(
    z.strictObject({
      name: text(
        new RegExp(
          `^[a-z][a-z0-9-]{${serviceNameLength.low - 2},${serviceNameLength.high - 2}}[a-z0-9]$`,
        ),
        {
          description: "Name of a further service of the same image, such as a queue's consumer.",
          allowed: `${serviceNameLength.low} to ${serviceNameLength.high} lower-case letters, digits and hyphens, a letter first and no hyphen last`,
          example: "mailer",
        },
      ),
      command: z
        .array(word({ ...commandWord, example: "dist/mailer.js" }))
        .min(1)
        .meta({ ...commandWord, allowed: "a list of words", example: "node" }),
      ...taskKeys(worker),
      minTasks: tasks(1, service.minTasks, "Tasks that always run."),
      maxTasks: tasks(1, service.maxTasks, "Tasks at the most."),
    }),
  )
  .default([]);
