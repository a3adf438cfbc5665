import { setTimeout as sleep } from "node:timers/promises";
import { findAppSize } from "../../prices/digitalocean";
import type { ServiceStatus } from "../contracts";
import type { Scaled } from "./autoscaler";
import type { ContainerArgs } from "./container";
import { Instance, type InstanceArgs } from "./instance";
import type { AppSpec, AppWorker } from "./spec";
import type { Timing } from "./timing";

/** Instances of each component, by its name. */
export type Counts = Readonly<Record<string, number>>;

export interface FleetArgs {
  readonly deployment: string;
  readonly spec: AppSpec;
  readonly container: (component: AppWorker) => ContainerArgs;
  readonly directory: string;
  readonly timing: Timing;
  readonly attempts: number;
  readonly log: (line: string) => void;
}

/** A service or worker of a spec. */
export interface Member {
  readonly kind: "service" | "worker";
  readonly spec: AppWorker;
}

export function membersOf({ services = [], workers = [] }: AppSpec): readonly Member[] {
  return [
    ...services.map((spec) => ({ kind: "service" as const, spec })),
    ...workers.map((spec) => ({ kind: "worker" as const, spec })),
  ];
}

/** Components of a deployment that scale by their load. */
export function scaledIn(fleet: Fleet): readonly Scaled[] {
  return membersOf(fleet.spec).flatMap(({ spec: { name, autoscaling, instanceSizeSlug = "" } }) => {
    const target = autoscaling?.metrics.cpu?.percent;
    if (!autoscaling || target === undefined) return [];
    return [
      {
        ...{ name, target, instances: fleet.of(name) },
        ...{ least: autoscaling.minInstanceCount, most: autoscaling.maxInstanceCount },
        vcpus: findAppSize(instanceSizeSlug)?.vcpus ?? 1,
        add: () => fleet.add(name),
        drop: () => fleet.drop(name),
      },
    ];
  });
}

/** Everything that one deployment runs. */
export class Fleet {
  private readonly instances = new Map<string, Instance[]>();
  private stopped = false;

  constructor(private readonly args: FleetArgs) {}

  get deployment(): string {
    return this.args.deployment;
  }

  get spec(): AppSpec {
    return this.args.spec;
  }

  /** Instances of a component, whatever their state. */
  of(component: string): readonly Instance[] {
    return this.instances.get(component) ?? [];
  }

  counts(): Counts {
    return Object.fromEntries([...this.instances].map(([name, list]) => [name, list.length]));
  }

  /**
   * Starts the instances of every component at once, and resolves when all are healthy.
   *
   * @throws Error of the first that is not; the others may run then.
   */
  async start(counts: Counts): Promise<void> {
    const taken: Instance[] = [];
    for (const { kind, spec } of membersOf(this.args.spec)) {
      this.instances.set(spec.name, []);
      for (let count = 0; count < (counts[spec.name] ?? 0); count += 1) {
        taken.push(await this.take(kind, spec));
      }
    }
    if (this.stopped) throw new Error("the deployment was given up");
    await Promise.all(taken.map((instance) => instance.start()));
  }

  /** One more instance of a component; undefined where the spec has none of the name. */
  async add(component: string): Promise<Instance | undefined> {
    const member = membersOf(this.args.spec).find(({ spec }) => spec.name === component);
    if (!member) return undefined;
    const instance = await this.take(member.kind, member.spec);
    try {
      await instance.start();
      return instance;
    } catch (error) {
      await this.end(component, instance);
      throw error;
    }
  }

  /** One instance of a component less: the newest. It answers what it has begun. */
  async drop(component: string): Promise<void> {
    const instance = this.of(component).at(-1);
    const spec = membersOf(this.args.spec).find(({ spec: own }) => own.name === component)?.spec;
    if (!instance || !spec) return;
    instance.leave();
    await sleep(this.drainMs(spec));
    await this.end(component, instance);
  }

  /** No new requests from now on; after the time to drain, SIGTERM and at last SIGKILL. */
  async retire(): Promise<void> {
    await Promise.all(
      membersOf(this.args.spec).map(async ({ kind, spec }) => {
        for (const instance of this.of(spec.name)) instance.leave();
        if (kind === "service") await sleep(this.drainMs(spec));
        await Promise.all(this.of(spec.name).map((instance) => instance.stop()));
      }),
    );
  }

  /** The same at once, without waiting for what is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([...this.instances.values()].flat().map((instance) => instance.stop()));
  }

  statuses(resource: string): readonly ServiceStatus[] {
    return [...this.instances.values()]
      .flat()
      .map((instance) => instance.status(resource, this.deployment));
  }

  private async take(kind: InstanceArgs["kind"], spec: AppWorker): Promise<Instance> {
    const { container, directory, timing, attempts, log } = this.args;
    const list = this.instances.get(spec.name) ?? [];
    this.instances.set(spec.name, list);
    const number = Math.max(0, ...list.map((other) => other.number)) + 1;
    const instance = await Instance.of({
      ...{ kind, spec, number, container: container(spec) },
      ...{ directory, timing, attempts, log },
    });
    list.push(instance);
    return instance;
  }

  private async end(component: string, instance: Instance): Promise<void> {
    await instance.stop();
    this.instances.set(
      component,
      this.of(component).filter((other) => other !== instance),
    );
  }

  private drainMs({ termination }: AppWorker): number {
    return Math.min((termination?.drainSeconds ?? 15) * 1_000, this.args.timing.drainMs);
  }
}
