import { findAppSize } from "../../prices/digitalocean";
import { membersOf, type Fleet } from "./fleet";
import type { AppWorker } from "./spec";
import type { Timing } from "./timing";

interface AutoscalerArgs {
  /** The deployment that is live. */
  readonly fleet: () => Fleet | undefined;
  readonly timing: Timing["autoscaling"];
  readonly log: (line: string) => void;
  /** Told when a component has another number of instances. */
  readonly onScaled: () => void;
}

/** What is known of a component's load. */
interface Load {
  /** Average of its instances, percent of the size's processors; undefined before it was measured. */
  percent?: number;
  /** Since when it is above the target, or well below; milliseconds since 1970. */
  above?: number | undefined;
  below?: number | undefined;
  /** Processor seconds of each process at the last look. */
  readonly seen: Map<number, { readonly seconds: number; readonly at: number }>;
}

const unmeasured =
  process.platform === "linux" ? "not measured yet" : "not measured on this system";

/** Below this share of the target one instance less would do. */
const WELL_BELOW = 0.5;

/**
 * Adds and takes away instances by the average CPU of a component, one at a time: above the target
 * for a while one more, well below it for longer one less. How the platform weighs it is not
 * published; this much is what its documentation promises.
 */
export class Autoscaler {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  private readonly loads = new Map<string, Load>();

  constructor(private readonly args: AutoscalerArgs) {}

  start(): void {
    clearInterval(this.timer);
    this.loads.clear();
    let isBusy = false;
    this.timer = setInterval(() => {
      if (isBusy) return;
      isBusy = true;
      this.working = this.look()
        .catch((error: unknown) => {
          this.args.log(`autoscaling: ${error instanceof Error ? error.message : String(error)}`);
        })
        .finally(() => {
          isBusy = false;
        });
    }, this.args.timing.sampleMs);
    this.timer.unref();
  }

  /** Resolves when no instance is being added or taken away any more. */
  async pause(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.working;
  }

  /** What `status` says, one a component that is scaled. */
  notes(): readonly string[] {
    const fleet = this.args.fleet();
    if (!fleet) return [];
    return scaled(fleet).map(({ name, autoscaling, target }) => {
      const percent = this.loads.get(name)?.percent;
      return (
        `${name}: ${fleet.of(name).length} of ${autoscaling.minInstanceCount} to ` +
        `${autoscaling.maxInstanceCount} instances, CPU ` +
        `${percent === undefined ? unmeasured : `${Math.round(percent)} %`} (aim ${target} %)`
      );
    });
  }

  private async look(): Promise<void> {
    const fleet = this.args.fleet();
    if (!fleet) return;
    for (const component of scaled(fleet)) {
      const change = this.weigh(fleet, component);
      // A deployment waits for it.
      if (change === 0 || this.timer === undefined) continue;
      const { name } = component;
      this.args.log(
        `autoscaling ${name}: ${change > 0 ? "one instance more" : "one instance less"}`,
      );
      if (change > 0) await fleet.add(name);
      else await fleet.drop(name);
      this.args.onScaled();
    }
  }

  private weigh(fleet: Fleet, { name, autoscaling, target, vcpus }: Scaled): -1 | 0 | 1 {
    const load: Load = this.loads.get(name) ?? { seen: new Map() };
    this.loads.set(name, load);
    const percent = measure(fleet, name, vcpus, load);
    if (percent === undefined) return 0;
    load.percent = percent;
    const now = Date.now();
    const { upMs, downMs } = this.args.timing;
    load.above = percent > target ? (load.above ?? now) : undefined;
    load.below = percent < target * WELL_BELOW ? (load.below ?? now) : undefined;
    const count = fleet.of(name).length;
    const change =
      now - (load.above ?? now) >= upMs && count < autoscaling.maxInstanceCount
        ? 1
        : now - (load.below ?? now) >= downMs && count > autoscaling.minInstanceCount
          ? -1
          : 0;
    // The next step takes its time again.
    if (change !== 0) load.above = load.below = undefined;
    return change;
  }
}

interface Scaled {
  readonly name: string;
  readonly autoscaling: NonNullable<AppWorker["autoscaling"]>;
  readonly target: number;
  readonly vcpus: number;
}

function scaled(fleet: Fleet): readonly Scaled[] {
  return membersOf(fleet.spec).flatMap(({ spec: { name, autoscaling, instanceSizeSlug = "" } }) => {
    const target = autoscaling?.metrics.cpu?.percent;
    if (!autoscaling || target === undefined) return [];
    return [{ name, autoscaling, target, vcpus: findAppSize(instanceSizeSlug)?.vcpus ?? 1 }];
  });
}

/** Since the last look; undefined where there is nothing to compare with. */
function measure(fleet: Fleet, name: string, vcpus: number, load: Load): number | undefined {
  const now = Date.now();
  const shares = fleet.of(name).flatMap(({ pid, cpuSeconds }) => {
    if (pid === undefined || cpuSeconds === undefined) return [];
    const before = load.seen.get(pid);
    load.seen.set(pid, { seconds: cpuSeconds, at: now });
    if (!before || now === before.at) return [];
    return [(100 * (cpuSeconds - before.seconds)) / ((now - before.at) / 1_000) / vcpus];
  });
  if (shares.length === 0) return undefined;
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
