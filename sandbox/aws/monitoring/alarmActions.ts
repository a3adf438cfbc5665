import { z } from "zod";
import { alarmLimits } from "../../../prices/aws";
import type { Cloud, Operation, Values } from "../../cloud/kind";
import { AwsError } from "../refusal";
import { arn, arnOf, partsOfArn, regionOf } from "../shapes";
import { compositeAlarmType, metricAlarmType, topicType } from "./types";

/** What happens when an alarm changes its state; each only once. */
export const actions = z.array(arn()).max(alarmLimits.actionsPerState).optional();

/** Things that an alarm can tell, by the service in their ARN. */
const told = ["sns", "lambda", "autoscaling", "automate", "ssm", "ssm-incidents", "aiops"];

/** @throws AwsError where an action is in another region, or its topic is not there */
export function requireActions({ inputs, cloud: { world } }: Operation): void {
  const lists = ["alarmActions", "okActions", "insufficientDataActions"];
  const region = regionOf(inputs);
  for (const action of lists.flatMap((list) => (inputs[list] ?? []) as readonly string[])) {
    const parts = partsOfArn(action);
    if (!told.includes(parts.service)) {
      throw new AwsError("ValidationError", `Invalid arn syntax: ${action}`);
    }
    if (parts.region !== region) {
      throw new AwsError(
        "ValidationError",
        `Invalid region ${parts.region} specified. Only ${region} is supported: ${action}`,
      );
    }
    const isThere = world.all(topicType).some(({ outputs }) => outputs["arn"] === action);
    if (parts.service === "sns" && !isThere) {
      throw new AwsError(
        "ResourceNotFound",
        `There is no topic ${action}: CloudWatch would take it, and nobody would be told`,
        404,
      );
    }
  }
}

/** Ids are the alarms' names; a name may stand in two regions. */
export const alarmId =
  (type: string, field: string) =>
  (inputs: Values, { world }: Cloud): string => {
    const name = String(inputs[field]);
    return world.get(type, name) ? arnOf("cloudwatch", regionOf(inputs), `alarm:${name}`) : name;
  };

/** @throws AwsError where an alarm of either sort has the name: CloudWatch would overwrite it */
export function alarmNameTaken({ inputs, cloud: { world } }: Operation, name: string): void {
  const region = regionOf(inputs);
  const taken = [
    ...world.all(metricAlarmType).map((one) => [one, one.inputs["name"]] as const),
    ...world.all(compositeAlarmType).map((one) => [one, one.inputs["alarmName"]] as const),
  ].find(([one, other]) => other === name && one.inputs["region"] === region);
  if (!taken) return;
  throw new AwsError(
    "ValidationError",
    `${region} has an alarm ${name} already (${taken[0].urn.split("::").at(-1) ?? ""}), which CloudWatch would overwrite`,
  );
}
