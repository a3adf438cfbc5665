import { deploymentDirectory, tidyDeployments } from "../apps/deploymentFiles";
import type { TaskOrder, TaskView } from "../containers/contract";
import type { TaskSpec } from "../containers/taskSpec";
import { Task, type Platform } from "./task";

/** Tasks that have ended and are still described. */
const KEPT = 20;

/** Tasks that run once, each started by somebody and left to itself. */
export class OneOffTasks {
  private tasks: readonly Task[] = [];
  private count = 0;

  constructor(
    /** Each has a directory below it for its log. */
    private readonly directory: string,
    private readonly platform: Platform,
  ) {}

  run(order: TaskOrder): TaskView {
    const { clusterArn, task: spec, subnetIds, securityGroupIds, publicAddress, startedBy } = order;
    this.count += 1;
    const subnetId = subnetIds[this.count % Math.max(subnetIds.length, 1)] ?? "";
    const task = new Task({
      ...{ platform: this.platform, spec, clusterArn },
      place: { subnetId, securityGroupIds, publicAddress },
      directory: deploymentDirectory(this.directory, placeOf(spec)),
      ...(startedBy !== undefined && { startedBy }),
    });
    const ended = this.tasks.filter(({ lastStatus }) => lastStatus === "STOPPED").slice(KEPT - 1);
    this.tasks = [task, ...this.tasks.filter((one) => !ended.includes(one))];
    void task.start();
    const needed = this.running().map((one) => placeOf(one.spec));
    tidyDeployments(this.directory, needed).catch((error: unknown) => {
      this.platform.log(String(error));
    });
    return task.view();
  }

  find(arn: string): Task | undefined {
    return this.tasks.find((task) => task.arn === arn || task.id === arn);
  }

  all(clusterArn: string): readonly TaskView[] {
    return this.tasks.map((task) => task.view()).filter((view) => view.clusterArn === clusterArn);
  }

  running(): readonly Task[] {
    return this.tasks.filter(({ lastStatus }) => lastStatus !== "STOPPED");
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.running().map((task) => task.stop("the cloud ends", "UserInitiated")));
  }
}

/** Where the logs of all tasks of one definition are. */
const placeOf = ({ family, revision }: TaskSpec): string => `${family}-${revision}`;
