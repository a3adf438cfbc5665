import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceOrder } from "../containers/contract";
import { Member, type MemberArgs } from "./member";
import { zoneOf } from "./task";

/** What a service shall run. */
export interface Goal {
  readonly deployment: string;
  readonly order: ServiceOrder;
  readonly desired: number;
}

interface Needs extends Pick<MemberArgs, "platform"> {
  readonly directory: (deployment: string) => string;
}

/** Accounts of tasks that failed are kept for the message of a deployment that fails. */
const KEPT = 3;

/**
 * Has a service run what it shall: starts tasks, replaces those that end or are unhealthy, and takes
 * those of other deployments away as new ones are healthy.
 */
export class Scheduler {
  private members: readonly Member[] = [];
  private wake: () => void = () => undefined;
  private notBefore = 0;
  /** Tasks of the goal that ended or were unhealthy, since `forgetFailures`. */
  failures = 0;
  accounts: readonly string[] = [];

  constructor(private readonly needs: Needs) {}

  get all(): readonly Member[] {
    return this.members;
  }

  forgetFailures(): void {
    this.failures = 0;
    this.accounts = [];
    this.notBefore = 0;
  }

  /** Does what there is to do at this moment; true: all is as it shall be. */
  advance(goal: Goal): boolean {
    this.clear(goal);
    const here = this.members.filter((one) => !one.leaving);
    const own = here.filter(({ deployment }) => deployment === goal.deployment);
    const others = here.filter(({ deployment }) => deployment !== goal.deployment);
    this.startMissing(goal, own.length, others.length);
    this.takeAway(goal, own, others);
    return (
      own.length === goal.desired &&
      own.every(({ isHealthy }) => isHealthy) &&
      this.members.length === own.length
    );
  }

  /** Resolves when something has changed, or it is time for another look. */
  async nextChange(signal: AbortSignal): Promise<void> {
    const changed = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    const { lookMs } = this.needs.platform.timing;
    await Promise.race([
      changed,
      sleep(lookMs, undefined, { signal, ref: false }).catch(() => undefined),
    ]);
  }

  /** Ends the tasks of a deployment, or all, at once. */
  async end(reason: string, deployment?: string): Promise<void> {
    const gone = this.members.filter(
      (one) => deployment === undefined || one.deployment === deployment,
    );
    await Promise.all(gone.map((one) => one.end(reason)));
    this.members = this.members.filter((one) => !gone.includes(one));
  }

  /** All its tasks, each after the time to drain. */
  async drain(reason: string): Promise<void> {
    await Promise.all(this.members.map((one) => one.leave(reason)));
    this.members = [];
  }

  /** Forgets what has ended, and ends what is unhealthy. */
  private clear(goal: Goal): void {
    for (const one of this.members) {
      const group = one.unhealthyIn;
      if (group !== undefined && !one.leaving) {
        this.count(goal, one, one.sickness(group));
        void one.end(one.sickness(group));
      } else if (one.isOver && !one.leaving) {
        this.count(goal, one);
      }
    }
    this.members = this.members.filter(({ isOver }) => !isOver);
  }

  private count(goal: Goal, member: Member, reason?: string): void {
    const said = reason === undefined ? member.task.account() : saidOf(member, reason);
    this.needs.platform.log(`service ${goal.order.name}: ${said}`);
    if (member.deployment !== goal.deployment) return;
    this.failures += 1;
    this.accounts = [...this.accounts, said].slice(-KEPT);
    const { minMs, maxMs } = this.needs.platform.timing.restart;
    this.notBefore = Date.now() + Math.min(minMs * 2 ** (this.failures - 1), maxMs);
  }

  private startMissing(goal: Goal, own: number, others: number): void {
    const { order, desired, deployment } = goal;
    const most = Math.max(Math.floor((desired * order.maximumPercent) / 100), desired > 0 ? 1 : 0);
    const missing = Math.min(desired - own, most - own - others);
    if (missing <= 0 || Date.now() < this.notBefore) return;
    for (let count = 0; count < missing; count += 1) {
      const member = new Member({
        ...{ platform: this.needs.platform, order, deployment, subnetId: this.subnetFor(goal) },
        directory: this.needs.directory(deployment),
        onChange: () => {
          this.wake();
        },
      });
      this.members = [...this.members, member];
    }
  }

  private takeAway(goal: Goal, own: readonly Member[], others: readonly Member[]): void {
    const { order, desired } = goal;
    const least = Math.ceil((desired * order.minimumHealthyPercent) / 100);
    let healthy = [...own, ...others].filter(({ isHealthy }) => isHealthy).length;
    for (const one of [...others].sort((a, b) => Number(a.isHealthy) - Number(b.isHealthy))) {
      if (one.isHealthy && healthy <= least && desired > 0) break;
      if (one.isHealthy) healthy -= 1;
      void one.leave("Scaling activity initiated by deployment");
    }
    for (const one of own.slice(desired))
      void one.leave("Scaling activity initiated by the service");
  }

  /** A subnet of the zone that has the fewest tasks of the goal. */
  private subnetFor({ order: { subnetIds }, deployment }: Goal): string {
    const count = (subnetId: string): number => {
      const zone = zoneOf(this.needs.platform.world, subnetId);
      return this.members.filter(
        (one) => !one.leaving && one.deployment === deployment && one.task.zone === zone,
      ).length;
    };
    return subnetIds.reduce(
      (best, id) => (count(id) < count(best) ? id : best),
      subnetIds[0] ?? "",
    );
  }
}

function saidOf({ task }: Member, reason: string): string {
  const said = task.said();
  return `task ${task.id} in ${task.zone}: ${reason}${said && `:\n${said}`}`;
}
