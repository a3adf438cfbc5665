import type { Timing } from "./timing";

/** Something that runs as many times as its load wants it. */
export interface Scaled {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** CPU that is aimed at on average, percent. */
  readonly target: number;
  /** Processors that each instance has. */
  readonly vcpus: number;
  readonly instances: readonly Busy[];
  add(): Promise<unknown>;
  drop(): Promise<unknown>;
}

interface Busy {
  readonly pid: number | undefined;
  /** Since its process began. */
  readonly cpuSeconds: number | undefined;
}

interface AutoscalerArgs {
  /** What scales at this moment. */
  readonly scaled: () => readonly Scaled[];
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
    return this.args.scaled().map(({ name, least, most, target, instances }) => {
      const percent = this.loads.get(name)?.percent;
      return (
        `${name}: ${instances.length} of ${least} to ${most} instances, CPU ` +
        `${percent === undefined ? unmeasured : `${Math.round(percent)} %`} (aim ${target} %)`
      );
    });
  }

  private async look(): Promise<void> {
    for (const component of this.args.scaled()) {
      const change = this.weigh(component);
      // A deployment waits for it.
      if (change === 0 || this.timer === undefined) continue;
      const { name } = component;
      this.args.log(
        `autoscaling ${name}: ${change > 0 ? "one instance more" : "one instance less"}`,
      );
      if (change > 0) await component.add();
      else await component.drop();
      this.args.onScaled();
    }
  }

  private weigh({ name, least, most, target, vcpus, instances }: Scaled): -1 | 0 | 1 {
    const load: Load = this.loads.get(name) ?? { seen: new Map() };
    this.loads.set(name, load);
    const percent = measure(instances, vcpus, load);
    if (percent === undefined) return 0;
    load.percent = percent;
    const now = Date.now();
    const { upMs, downMs } = this.args.timing;
    load.above = percent > target ? (load.above ?? now) : undefined;
    load.below = percent < target * WELL_BELOW ? (load.below ?? now) : undefined;
    const count = instances.length;
    const change =
      now - (load.above ?? now) >= upMs && count < most
        ? 1
        : now - (load.below ?? now) >= downMs && count > least
          ? -1
          : 0;
    // The next step takes its time again.
    if (change !== 0) load.above = load.below = undefined;
    return change;
  }
}

/** Since the last look; undefined where there is nothing to compare with. */
function measure(instances: readonly Busy[], vcpus: number, load: Load): number | undefined {
  const now = Date.now();
  const shares = instances.flatMap(({ pid, cpuSeconds }) => {
    if (pid === undefined || cpuSeconds === undefined) return [];
    const before = load.seen.get(pid);
    load.seen.set(pid, { seconds: cpuSeconds, at: now });
    if (!before || now === before.at) return [];
    return [(100 * (cpuSeconds - before.seconds)) / ((now - before.at) / 1_000) / vcpus];
  });
  if (shares.length === 0) return undefined;
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
