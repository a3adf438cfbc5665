import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import { appName } from "../../settings/names";
import { dimensionValue, type Entities } from "../alarms/cloudwatch";
import { withOverride, type Override } from "../overrides";
import { dashboardBody, type DashboardSpec } from "./body";

export interface DashboardArgs {
  readonly spec: DashboardSpec;
  readonly entities: Entities;
  /** Alarms whose states are shown, in this order. */
  readonly alarmArns: readonly pulumi.Input<string>[];
  readonly overrides?: { readonly dashboard?: Override<cloudwatch.DashboardArgs> };
}

/** One page that shows how the stack is: the alarms, and what they look at with their limits. */
export class Dashboard extends pulumi.ComponentResource {
  readonly dashboardName: string;

  constructor(name: string, args: DashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:dashboard:Dashboard", name, {}, opts);
    const { spec, entities, alarmArns, overrides = {} } = args;
    this.dashboardName = appName(spec.stack);
    new cloudwatch.Dashboard(
      `${name}-dashboard`,
      withOverride<cloudwatch.DashboardArgs>(
        {
          dashboardName: this.dashboardName,
          dashboardBody: pulumi.jsonStringify(
            dashboardBody(spec, alarmArns, (value) => dimensionValue(value, entities)),
          ),
        },
        overrides.dashboard,
      ),
      { parent: this },
    );
    this.registerOutputs({ dashboardName: this.dashboardName });
  }
}
