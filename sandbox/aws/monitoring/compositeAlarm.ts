import { z } from "zod";
import { alarmLimits, compositeAlarmLimits } from "../../../prices/aws";
import type { CloudResource, World } from "../../contracts";
import type { Operation } from "../../cloud/kind";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { arnOf, filled, flag, regionOf } from "../shapes";
import { actions, alarmId, alarmNameTaken, requireActions } from "./alarmActions";
import { childrenOf, ruleProblem } from "./compositeRule";
import { compositeAlarmType, metricAlarmType, noMetrics } from "./types";

const inputs = z.object({
  alarmName: z.string().min(1).max(alarmLimits.nameLength.high),
  alarmDescription: z.string().max(alarmLimits.descriptionLength.high).optional(),
  alarmRule: z.string().min(1).max(compositeAlarmLimits.ruleLength),
  actionsEnabled: flag,
  ...{ alarmActions: actions, okActions: actions, insufficientDataActions: actions },
  actionsSuppressor: z
    .strictObject({
      alarm: filled,
      waitPeriod: z.int().min(0),
      extensionPeriod: z.int().min(0),
    })
    .optional(),
});
type Inputs = z.infer<typeof inputs>;

/** An alarm on the states of others of its region. */
export const compositeAlarm = regional({
  type: compositeAlarmType,
  inputs,
  immutable: ["alarmName", "actionsEnabled"],
  // The name is the program's, and can exist once.
  deleteBeforeReplace: true,
  defaults: { actionsEnabled: true },
  idStyle: alarmId(compositeAlarmType, "alarmName"),
  recorded: noMetrics,
  api: {
    ...{ noun: "CloudWatch Composite Alarm", sdk: "CloudWatch", create: "PutCompositeAlarm" },
    ...{ update: "PutCompositeAlarm", delete: "DeleteAlarms", plainErrors: true },
    named: ({ alarmName }) => String(alarmName),
  },
  refuse: (operation) => {
    const given = operation.inputs as Inputs;
    if (!operation.before) alarmNameTaken(operation, given.alarmName);
    requireActions(operation);
    requireRule(operation, given);
    const suppressor = given.actionsSuppressor?.alarm;
    if (suppressor !== undefined && !alarmAt(operation, suppressor)) {
      throw invalid(`Actions suppressor ${suppressor} does not exist in ${regionOf(given)}`);
    }
  },
  create: ({ inputs: given }) => ({
    outputs: {
      arn: arnOf("cloudwatch", regionOf(given), `alarm:${(given as Inputs).alarmName}`),
    },
  }),
  delete: ({ before, cloud: { world } }) => {
    const { alarmName: name } = before.inputs as Inputs;
    const parent = parentsOf(world, before, name)[0];
    if (!parent) return;
    throw invalid(
      `Cannot delete ${name} as there are composite alarm(s) depending on it: ${String(parent.inputs["alarmName"])}`,
    );
  },
});

const invalid = (message: string) => new AwsError("ValidationError", message);

function requireRule(operation: Operation, given: Inputs): void {
  const { alarmName: name, alarmRule: rule } = given;
  const problem = ruleProblem(rule);
  if (problem !== undefined) throw invalid(`Error in AlarmRule: ${problem}`);
  for (const child of new Set(childrenOf(given))) {
    const found = alarmAt(operation, child);
    if (!found && child !== name) {
      throw invalid(
        `Could not save the composite alarm as alarms ${child} in the alarm rule do not exist`,
      );
    }
    const { world } = operation.cloud;
    const parents = found
      ? parentsOf(world, found, child).filter(({ id }) => id !== operation.id)
      : [];
    if (parents.length >= compositeAlarmLimits.parentsPerAlarm) {
      throw invalid(
        `${child} is in ${parents.length} composite alarms, the most that it may be in`,
      );
    }
  }
}

/** An alarm of either sort by its name or ARN, in the region of the one that asks. */
function alarmAt(
  { inputs: own, cloud: { world } }: Operation,
  alarm: string,
): CloudResource | undefined {
  return [...world.all(metricAlarmType), ...world.all(compositeAlarmType)].find(
    ({ inputs: other, outputs }) =>
      other["region"] === own["region"] &&
      (outputs["arn"] === alarm || (other["alarmName"] ?? other["name"]) === alarm),
  );
}

/** Composite alarms that name an alarm in their rules, or wait for it. */
function parentsOf(world: World, child: CloudResource, name: string): readonly CloudResource[] {
  const known = [name, child.outputs["arn"]];
  return world
    .all(compositeAlarmType)
    .filter(({ id, inputs: { region } }) => region === child.inputs["region"] && id !== child.id)
    .filter(({ inputs: other }) => childrenOf(other).some((one) => known.includes(one)));
}
