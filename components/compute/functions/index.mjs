// Lambda's runtime for Node has the SDK.
import { ECS } from "@aws-sdk/client-ecs";
import { setTimeout as sleep } from "node:timers/promises";
import { runTask } from "./runTask.mjs";

const ecs = new ECS({});
const place = JSON.parse(process.env.PLACE);
const clock = { now: () => Date.now(), sleep };

/** The event is `{"taskDefinition": ARN}`; where and how long is in the environment. */
export const handler = async ({ taskDefinition }) =>
  await runTask(ecs, place, taskDefinition, clock);
