import { appLimits, appSizes } from "../../prices/digitalocean";
import { tiers } from "../../tiers";
import { problem, setCommand, type Problem } from "../problems";
import type { MediumConfig } from "../schema";
import { autoscalingAppSizes, scalableAppSizes } from "../sizes";

/** Sizes and counts of the app's and the worker's instances against what App Platform sells. */
export function scalingProblems({ app, worker }: Pick<MediumConfig, "app" | "worker">): Problem[] {
  const { defaultSize } = tiers.medium.app;
  const problems: Problem[] = [];
  if (appSizes[app.size].scaling !== "auto") {
    problems.push(
      problem(
        ["app", "size"],
        `${app.size}, an instance with shared vCPUs`,
        `${autoscalingAppSizes.join(", ")}: App Platform follows the load only with dedicated vCPUs (apps-d-*)`,
        setCommand(["app", "size"], defaultSize),
      ),
    );
  }
  if (app.maxInstances <= app.minInstances) {
    problems.push(
      problem(
        ["app", "maxInstances"],
        `${app.maxInstances}, with drops:app.minInstances ${app.minInstances}`,
        `more than minInstances: App Platform's autoscaling needs room between the two`,
        app.minInstances < appLimits.maxContainers
          ? setCommand(["app", "maxInstances"], String(app.minInstances + 1))
          : setCommand(["app", "minInstances"], String(tiers.medium.app.minInstances)),
      ),
    );
  }
  const containers = app.maxInstances + worker.instances;
  if (containers > appLimits.maxContainers && app.maxInstances > app.minInstances) {
    problems.push(
      problem(
        ["app", "maxInstances"],
        `${app.maxInstances} instances + ${worker.instances} of the worker = ${containers} containers`,
        `at most the ${appLimits.maxContainers} of an app`,
        setCommand(["app", "maxInstances"], String(appLimits.maxContainers - worker.instances)),
      ),
    );
  }
  if (appSizes[worker.size].scaling === "none" && worker.instances > 1) {
    const [smallest = defaultSize] = scalableAppSizes;
    problems.push(
      problem(
        ["worker", "instances"],
        `${worker.instances} of ${worker.size}`,
        `0 or 1 of that size; more of ${scalableAppSizes.join(", ")}`,
        `${setCommand(["worker", "size"], smallest)}, or ${setCommand(["worker", "instances"], "1")}`,
      ),
    );
  }
  return problems;
}
