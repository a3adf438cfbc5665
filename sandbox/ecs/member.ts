import { setTimeout as sleep } from "node:timers/promises";
import { balancersOf, endOf } from "../aws/balancer/targets";
import { targetGroupType } from "../aws/balancer/words";
import { mayConnect } from "../aws/network/reach";
import type { ServiceStatus } from "../contracts";
import type { ServiceOrder } from "../containers/contract";
import { Target } from "./target";
import { Task, type Platform } from "./task";

export interface MemberArgs {
  readonly platform: Platform;
  readonly order: ServiceOrder;
  readonly deployment: string;
  readonly subnetId: string;
  readonly directory: string;
  readonly onChange: () => void;
}

/** One task of a service, and what the balancer's target groups say of it. */
export class Member {
  readonly task: Task;
  readonly deployment: string;
  /** Target groups by ARN, with the loopback port that stands for the target. */
  private readonly targets = new Map<string, { readonly port: number; readonly target: Target }>();
  private runningSince: number | undefined;
  /** It gets no new requests: it is being taken away. */
  leaving = false;
  isOver = false;

  constructor(private readonly args: MemberArgs) {
    const { platform, order, subnetId, directory, deployment } = args;
    const { securityGroupIds, publicAddress } = order;
    this.deployment = deployment;
    this.task = new Task({
      ...{ platform, spec: order.task, clusterArn: order.clusterArn, directory },
      place: { subnetId, securityGroupIds, publicAddress },
      startedBy: `ecs-svc/${deployment}`,
    });
    void this.task.stopped.then(() => {
      this.isOver = true;
      for (const { target } of this.targets.values()) target.stop();
      args.onChange();
    });
    void this.begin();
  }

  /** Whether it does its work: all target groups say so, or without any it has lived for a while. */
  get isHealthy(): boolean {
    const { settleMs } = this.args.platform.timing;
    if (this.isOver || this.leaving || this.runningSince === undefined) return false;
    if (this.args.order.balancers.length === 0) return Date.now() - this.runningSince >= settleMs;
    return (
      this.targets.size === this.args.order.balancers.length &&
      [...this.targets.values()].every(({ target }) => target.state === "healthy")
    );
  }

  /** The target group that has found it unhealthy. */
  get unhealthyIn(): string | undefined {
    return [...this.targets].find(([, { target }]) => target.state === "unhealthy")?.[0];
  }

  /** What a balancer finds in a target group; undefined: it is none of its targets, or leaving. */
  targetIn(group: string) {
    const found = this.leaving || this.isOver ? undefined : this.targets.get(group);
    return found && { port: found.port, state: found.target.state };
  }

  /** No new requests, the time to drain, SIGTERM and at last SIGKILL. */
  async leave(reason: string): Promise<void> {
    if (this.leaving || this.isOver) {
      await this.task.stopped;
      return;
    }
    this.leaving = true;
    this.args.onChange();
    const drain = this.drainMs();
    for (const { target } of this.targets.values()) target.stop();
    if (drain > 0) await Promise.race([sleep(drain), this.task.stopped]);
    await this.task.stop(reason);
  }

  /** The same at once. */
  async end(reason: string): Promise<void> {
    this.leaving = true;
    await this.task.stop(reason);
  }

  status(resource: string, number: number): ServiceStatus {
    const { task } = this;
    const { order, deployment } = this.args;
    const [pid] = task.pids;
    const ports = [...this.targets.values()].map(({ port }) => port);
    const notes = [
      `${task.spec.family}:${task.spec.revision} in ${task.zone}`,
      `deployment ${deployment.slice(0, 8)}`,
      ...(this.unhealthyIn === undefined ? [] : ["does not pass its health check"]),
      ...(this.leaving ? ["draining"] : []),
      ...task.translated,
    ];
    const isUp = this.isHealthy || this.leaving;
    return {
      ...{ resource, what: `${order.name} task ${number}` },
      state: this.isOver ? "stopped" : isUp ? "running" : this.unhealthyIn ? "failing" : "starting",
      ...(pid !== undefined && { pid, memoryBytes: task.memoryBytes }),
      ...(ports.length > 0 && { ports }),
      detail: notes.join("; "),
    };
  }

  private async begin(): Promise<void> {
    const { order, platform, onChange } = this.args;
    await this.task.start();
    if (this.task.lastStatus !== "RUNNING") return;
    this.runningSince = Date.now();
    for (const { targetGroupArn, containerName, containerPort } of order.balancers) {
      const port = this.task.portOf(containerName);
      const group = platform.world.get(targetGroupType, targetGroupArn);
      if (port === undefined || !group) {
        const why = group
          ? `the container ${containerName} has no port ${containerPort}`
          : "One or more target groups not found";
        await this.task.stop(`Task failed to register in (target-group ${targetGroupArn}): ${why}`);
        return;
      }
      const target = new Target({
        ...{ port, group: group.inputs, onChange, timing: platform.timing },
        graceMs: order.healthGraceSeconds * 1_000,
        isReachable: () => this.isReachable(targetGroupArn, containerPort),
      });
      this.targets.set(targetGroupArn, { port, target });
    }
    onChange();
  }

  /** Whether the security groups let a target group's balancers in. */
  private isReachable(group: string, port: number): boolean {
    const { platform, order, subnetId } = this.args;
    const task = { groups: order.securityGroupIds, subnets: [subnetId] };
    return balancersOf(platform.world, group).every((balancer) =>
      mayConnect(platform.world, endOf(balancer), task, port),
    );
  }

  /** Why a target group finds it unhealthy, as ECS says it. */
  sickness(group: string): string {
    const port = this.args.order.balancers.find(
      ({ targetGroupArn }) => targetGroupArn === group,
    )?.containerPort;
    const why =
      port === undefined || this.isReachable(group, port)
        ? ""
        : ` (Request timed out: no security group lets the balancer in at port ${port})`;
    return `Task failed ELB health checks in (target-group ${group})${why}`;
  }

  /** How long its target groups wait for requests under way, as far as this platform has patience. */
  private drainMs(): number {
    const { platform, order } = this.args;
    const delays = order.balancers.map(({ targetGroupArn }) =>
      Number(
        platform.world.get(targetGroupType, targetGroupArn)?.outputs["deregistrationDelay"] ?? 0,
      ),
    );
    return Math.min(Math.max(0, ...delays) * 1_000, platform.timing.drainMs);
  }
}
