import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { Autoscaler } from "../apps/autoscaler";
import { deploymentDirectory, tidyDeployments } from "../apps/deploymentFiles";
import { scalingOf } from "../aws/ecs/scaling";
import type { ServiceStatus } from "../contracts";
import { reapOrphans } from "../services/process";
import type { ServiceFailed, ServiceOrder } from "../containers/contract";
import { BreakerOpened, serviceFailed } from "./deploymentFailure";
import { Scheduler, type Goal } from "./scheduler";
import { writeService, type ServiceRecord } from "./serviceFile";
import type { Platform } from "./task";

/** How long a start of the cloud waits for a service to be steady, milliseconds. */
const RESUME_MS = 20_000;
/** Failed tasks after which the circuit breaker opens: half of those desired, within these. */
const breaker = { least: 3, most: 200 } as const;

/** One service: the deployment that runs, and what makes the next one run in its place. */
export class Service {
  private readonly scheduler: Scheduler;
  private readonly autoscaler: Autoscaler;
  /** Aborted: whatever deployment is under way is given up. */
  private readonly interrupted = new AbortController();
  private keeping: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;

  constructor(
    private readonly directory: string,
    private record: ServiceRecord,
    private readonly platform: Platform,
  ) {
    this.scheduler = new Scheduler({
      platform,
      directory: (deployment) => deploymentDirectory(directory, deployment),
    });
    this.autoscaler = new Autoscaler({
      scaled: () => this.scaled(),
      timing: platform.timing.autoscaling,
      log: platform.log,
      onScaled: () => undefined,
    });
  }

  get arn(): string {
    return this.record.arn;
  }

  /** Targets of a target group that do not leave it. */
  targetsIn(group: string) {
    return this.scheduler.all.flatMap((member) => member.targetIn(group) ?? []);
  }

  /** Has what was complete run again, after the cloud had ended. */
  async resume(): Promise<void> {
    await reapOrphans(this.directory);
    const goal = this.liveGoal();
    if (!goal) return;
    const until = Date.now() + RESUME_MS;
    while (
      !this.scheduler.advance(goal) &&
      Date.now() < until &&
      !this.interrupted.signal.aborted
    ) {
      await this.scheduler.nextChange(this.interrupted.signal);
    }
    this.keepUp();
  }

  /**
   * Makes an order run: as many tasks as are desired where nothing else differs, a rolling deployment
   * otherwise.
   *
   * @throws ServiceFailed where it does not get steady; what ran before still does.
   */
  async deploy(order: ServiceOrder): Promise<void> {
    const { live } = this.record;
    await this.pause();
    const desired = this.desiredFor(order);
    const isSame = live && order.force !== true && isDeepStrictEqual(runs(live.order), runs(order));
    const deployment = isSame ? live.id : randomUUID();
    try {
      await this.roll({ deployment, order, desired });
      this.keep({ ...this.record, desired, live: { id: deployment, order } });
    } catch (error) {
      throw await this.rolledBack(deployment, order, error);
    } finally {
      if (!this.interrupted.signal.aborted) this.keepUp();
      await tidyDeployments(this.directory, [deployment, this.record.live?.id]);
    }
  }

  interrupt(): void {
    this.interrupted.abort();
  }

  /** Ends everything that runs; the files stay. */
  async stop(): Promise<void> {
    await this.pause();
    await this.scheduler.end("the cloud ends");
  }

  /** Ends everything that runs, each task after the time to drain. */
  async drain(): Promise<void> {
    await this.pause();
    await this.scheduler.drain("Scaling activity initiated by the deletion of the service");
  }

  statuses(): readonly ServiceStatus[] {
    const { arn, desired, live } = this.record;
    const name = arn.split("/").at(-1) ?? arn;
    const members = this.scheduler.all;
    const healthy = members.filter(({ isHealthy }) => isHealthy).length;
    const notes = [
      live ? `${live.order.task.family}:${live.order.task.revision}` : "no deployment was complete",
      ...this.autoscaler.notes(),
    ];
    return [
      {
        ...{ resource: arn, what: `service ${name} (${healthy} of ${desired} tasks)` },
        state: healthy >= desired && live ? "running" : live ? "starting" : "stopped",
        detail: notes.join("; "),
      },
      ...members.map((member, index) => member.status(arn, index + 1)),
    ];
  }

  /** A change of the order's number counts; otherwise what scaling has made of it. */
  private desiredFor({ desiredCount }: ServiceOrder): number {
    const { live, desired } = this.record;
    const wanted = live?.order.desiredCount === desiredCount ? desired : desiredCount;
    return this.bounded(wanted);
  }

  private bounded(count: number): number {
    const scaling = scalingOf(this.platform.world, this.arn);
    return scaling ? Math.min(Math.max(count, scaling.minTasks), scaling.maxTasks) : count;
  }

  private async roll(goal: Goal): Promise<void> {
    const { signal } = this.interrupted;
    const { circuitBreaker } = goal.order;
    const { least, most } = breaker;
    const threshold = Math.min(Math.max(Math.ceil(goal.desired / 2), least), most);
    const until = Date.now() + this.platform.timing.steadyMs;
    this.scheduler.forgetFailures();
    while (!this.scheduler.advance(goal)) {
      if (signal.aborted) throw new Error("the deployment was given up");
      if (circuitBreaker.enable && this.scheduler.failures >= threshold) throw new BreakerOpened();
      // Also with a circuit breaker: it opens for tasks that fail, not for those that cannot begin.
      if (Date.now() > until) {
        throw new Error(
          "timeout while waiting for state to become 'tfSTABLE' (last state: 'tfPENDING')",
        );
      }
      await this.scheduler.nextChange(signal);
    }
  }

  /** Goes back to what was complete before, and says what has happened. */
  private async rolledBack(
    deployment: string,
    order: ServiceOrder,
    error: unknown,
  ): Promise<ServiceFailed> {
    const { failures, accounts } = this.scheduler;
    const { live } = this.record;
    const goal = this.liveGoal();
    // More tasks of what is live already may have failed: that goes on as it is.
    if (deployment !== live?.id) await this.scheduler.end("deployment failed", deployment);
    const rollback = error instanceof BreakerOpened && order.circuitBreaker.rollback;
    const wentBack = rollback && goal !== undefined;
    if (wentBack) {
      await this.roll(goal).catch((problem: unknown) => {
        this.platform.log(String(problem));
      });
    }
    return serviceFailed({ deployment, order, error, wentBack, failures, accounts, live });
  }

  private liveGoal(): Goal | undefined {
    const { live, desired } = this.record;
    return live && { deployment: live.id, order: live.order, desired: this.bounded(desired) };
  }

  /** Keeps what is live running until `pause`. */
  private keepUp(): void {
    if (this.keeping || !this.record.live) return;
    const stop = new AbortController();
    this.scheduler.forgetFailures();
    const keep = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const goal = this.liveGoal();
        if (!goal) return;
        const isSteady = this.scheduler.advance(goal);
        if (isSteady) this.scheduler.forgetFailures();
        await this.scheduler.nextChange(stop.signal);
      }
    };
    this.keeping = { stop, done: keep() };
    this.autoscaler.start();
  }

  private async pause(): Promise<void> {
    await this.autoscaler.pause();
    this.keeping?.stop.abort();
    await this.keeping?.done;
    this.keeping = undefined;
  }

  private keep(record: ServiceRecord): void {
    this.record = record;
    writeService(this.directory, record);
  }

  private scaled() {
    const { live, arn, desired } = this.record;
    const scaling = scalingOf(this.platform.world, arn);
    if (!live || scaling?.cpuPercent === undefined) return [];
    const setDesired = (count: number): Promise<void> => {
      this.keep({ ...this.record, desired: this.bounded(count) });
      return Promise.resolve();
    };
    return [
      {
        ...{
          name: live.order.name,
          target: scaling.cpuPercent,
          vcpus: live.order.task.cpu / 1_024,
        },
        ...{ least: scaling.minTasks, most: scaling.maxTasks },
        instances: this.scheduler.all
          .filter(({ leaving }) => !leaving)
          .map(({ task }) => ({ pid: task.pids[0], cpuSeconds: task.cpuSeconds })),
        add: () => setDesired(desired + 1),
        drop: () => setDesired(desired - 1),
      },
    ];
  }
}

/** What of an order makes tasks what they are. */
function runs(order: ServiceOrder) {
  const { task, subnetIds, securityGroupIds, publicAddress, balancers, clusterArn } = order;
  return { task, subnetIds, securityGroupIds, publicAddress, balancers, clusterArn };
}
