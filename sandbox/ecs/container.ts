import { constants } from "node:os";
import { removeRecord } from "../services/processRecord";
import { launch, type Program, type Run } from "../services/processRun";
import { endProcess } from "../services/processTable";
import type { ContainerOutcome } from "../containers/contract";
import type { ContainerDefinition } from "../containers/taskSpec";

/** Something that happens once, and who waits for it. */
class Once {
  private resolve = (): void => undefined;
  readonly happened = new Promise<void>((resolve) => {
    this.resolve = resolve;
  });

  happen(): void {
    this.resolve();
  }
}

/** One container of a task: it waits, runs as a process, and has ended. */
export class TaskContainer {
  private readonly begun = new Once();
  private readonly over = new Once();
  private run: Run | undefined;
  private logFile: string | undefined;
  exitCode: number | undefined;
  /** Why it did not run, or not to its end. */
  private reason: string | undefined;
  hasEnded = false;

  constructor(
    readonly definition: ContainerDefinition,
    private readonly onEnd: (container: TaskContainer) => void,
  ) {}

  get name(): string {
    return this.definition.name;
  }

  /** Resolves when it runs, or never will. */
  get started(): Promise<void> {
    return this.begun.happened;
  }

  /** Resolves when it has ended, or will never start. */
  get ended(): Promise<void> {
    return this.over.happened;
  }

  get pid(): number | undefined {
    return this.hasEnded ? undefined : this.run?.record?.pid;
  }

  /** The end of what it has written. */
  said(): string {
    return this.run?.said() ?? "";
  }

  launch(program: Omit<Program, "name" | "signals">): void {
    const name = `container ${this.name}`;
    const run = launch({ ...program, name, signals: ["SIGTERM"] });
    this.run = run;
    this.logFile = program.logFile;
    this.begun.happen();
    void run.ended.then((how) => {
      removeRecord(program.record);
      this.exitCode = run.exitCode() ?? signalled(how);
      this.settle(this.exitCode === undefined ? `CannotStartContainerError: ${how}` : undefined);
    });
  }

  /** It never runs. */
  fail(reason: string): void {
    this.settle(reason);
  }

  /** SIGTERM, and SIGKILL after a while; one that waits never runs. */
  async stop(graceMs: number): Promise<void> {
    if (this.hasEnded) return;
    const record = this.run?.record;
    if (record) {
      await endProcess(record, ["SIGTERM"], graceMs);
      await this.ended;
    } else {
      this.settle();
    }
  }

  outcome(): ContainerOutcome {
    const { name, exitCode, reason } = this;
    return {
      name,
      lastStatus: this.hasEnded ? "STOPPED" : this.run ? "RUNNING" : "PENDING",
      ...(exitCode !== undefined && { exitCode }),
      ...(reason !== undefined && { reason }),
    };
  }

  /** Why it ended, for a person, with the end of its log; undefined: there is nothing to say. */
  account(): string | undefined {
    const { exitCode, reason, logFile } = this;
    if (exitCode === 0 || (exitCode === undefined && reason === undefined)) return undefined;
    const how = exitCode === undefined ? "did not run" : `ended with exit code ${exitCode}`;
    const said = this.said();
    const log = logFile === undefined ? "" : `${said && `:\n${said}`}\nIts log: ${logFile}`;
    return `container ${this.name} ${how}${reason === undefined ? "" : ` (${reason})`}${log}`;
  }

  private settle(reason?: string): void {
    this.reason ??= reason;
    this.hasEnded = true;
    this.begun.happen();
    this.over.happen();
    this.onEnd(this);
  }
}

/** As a shell tells of it: 128 and the signal's number. */
function signalled(how: string): number | undefined {
  const name = /^was ended by (SIG\w+)$/.exec(how)?.[1];
  return name === undefined ? undefined : 128 + constants.signals[name as NodeJS.Signals];
}
