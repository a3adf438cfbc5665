import { Failure } from "../api/failure";
import { persist } from "../api/persist";
import { pause } from "./pause";

export type Phase =
  /** `after`: what went wrong with the attempt before; what is said of it stays until this one ends. */
  | { readonly name: "sending"; readonly after: Failure | undefined }
  /** `at`: milliseconds since the epoch, when the next attempt begins. */
  | { readonly name: "waiting"; readonly failure: Failure; readonly at: number }
  | { readonly name: "failed"; readonly failure: Failure };

/** Something that the visitor asked for and that is not done yet. */
export interface Action<What> {
  /** The Idempotency-Key: one for all attempts, the visitor's own "try again" included. */
  readonly key: string;
  readonly what: What;
  readonly phase: Phase;
}

export interface RunnerOptions<What> {
  readonly send: (what: What, key: string, signal: AbortSignal) => Promise<void>;
  readonly onChange: (actions: readonly Action<What>[]) => void;
  /** The visitor gave up; whether it happened nevertheless is not known here. */
  readonly onStopped: (what: What) => void;
  readonly newKey: () => string;
  readonly random?: () => number;
}

interface Running {
  readonly controller: AbortController;
  wake: (() => void) | undefined;
}

/** About two minutes of a silent server, or forty seconds of paused writes. */
const ATTEMPTS = 12;

/** Carries each action through until it is done, refused, or given up. */
export class ActionRunner<What> {
  private actions: readonly Action<What>[] = [];
  private readonly running = new Map<string, Running>();

  constructor(private readonly options: RunnerOptions<What>) {}

  /** Begins something new, under a key of its own. */
  start(what: What): void {
    void this.run(this.options.newKey(), what);
  }

  /** The visitor wants a failed action once more. */
  again(key: string): void {
    const action = this.actions.find((each) => each.key === key);
    if (action?.phase.name === "failed") void this.run(key, action.what);
  }

  /** Ends the wait before the next attempt. */
  hurry(key: string): void {
    this.running.get(key)?.wake?.();
  }

  /** Gives up an action that waits, or takes a failed one from the list. */
  stop(key: string): void {
    const running = this.running.get(key);
    if (running) running.controller.abort();
    else this.remove(key);
  }

  stopAll(): void {
    for (const { controller } of this.running.values()) controller.abort();
  }

  private async run(key: string, what: What): Promise<void> {
    const controller = new AbortController();
    const running: Running = { controller, wake: undefined };
    this.running.set(key, running);
    const enter = (phase: Phase) => {
      this.put({ key, what, phase });
    };
    let last: Failure | undefined;
    const attempt = async () => {
      enter({ name: "sending", after: last });
      await this.options.send(what, key, controller.signal);
    };
    try {
      await persist(attempt, {
        attempts: ATTEMPTS,
        ...(this.options.random && { random: this.options.random }),
        onWaiting: ({ failure, delayMs }) => {
          last = failure;
          enter({ name: "waiting", failure, at: Date.now() + delayMs });
        },
        pause: async (ms) => {
          const { over, wake } = pause(ms, controller.signal);
          running.wake = wake;
          await over;
        },
      });
      this.remove(key);
    } catch (error) {
      if (controller.signal.aborted) {
        this.remove(key);
        this.options.onStopped(what);
      } else enter({ name: "failed", failure: asFailure(error) });
    } finally {
      this.running.delete(key);
    }
  }

  private put(action: Action<What>): void {
    const others = this.actions.filter(({ key }) => key !== action.key);
    this.actions = [...others, action];
    this.options.onChange(this.actions);
  }

  private remove(key: string): void {
    this.actions = this.actions.filter((action) => action.key !== key);
    this.options.onChange(this.actions);
  }
}

function asFailure(error: unknown): Failure {
  return error instanceof Failure
    ? error
    : new Failure(0, "page_fault", "This page made a mistake; reloading it may help.");
}
