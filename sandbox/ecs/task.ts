import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerPort } from "../apps/container";
import type { LocalImage } from "../apps/images";
import { maskerOfValues } from "../apps/masking";
import { subnetType } from "../aws/network/words";
import { arnOf, textOf } from "../aws/shapes";
import type { World } from "../contracts";
import { freePort, releasePort } from "../services/ports";
import { cpuSecondsOf, memoryOf } from "../services/processTable";
import { fetchFor, requireRoles, TaskFailedToStart, type Fetched, type TaskPlace } from "./access";
import { TaskContainer } from "./container";
import type { TaskView } from "../containers/contract";
import { programOf } from "./program";
import { containerFiles, tidyLogs } from "./taskLogs";
import { isEssential, type ContainerDefinition, type TaskSpec } from "../containers/taskSpec";
import type { EcsTiming } from "./timing";

/** The zone of a subnet. */
export const zoneOf = (world: World, subnetId: string): string =>
  textOf(world.get(subnetType, subnetId)?.outputs["availabilityZone"], "no zone");

/** What tasks need of the platform that they run on. */
export interface Platform {
  readonly world: World;
  readonly images: { at(reference: string): LocalImage | undefined };
  readonly guard: string;
  readonly authorityFile: string;
  readonly authorityPem: string;
  readonly timing: EcsTiming;
  readonly log: (line: string) => void;
}

interface TaskArgs {
  readonly platform: Platform;
  readonly spec: TaskSpec;
  readonly clusterArn: string;
  readonly place: TaskPlace;
  /** For records and logs. */
  readonly directory: string;
  readonly startedBy?: string;
}

/** Longest time that a container waits for another one, seconds (ECS on Fargate). */
const START_TIMEOUT = 180;

/** A task: its containers as processes, in their order, until the first essential one ends. */
export class Task {
  readonly id = randomBytes(16).toString("hex");
  readonly arn: string;
  lastStatus: TaskView["lastStatus"] = "PROVISIONING";
  /** Resolves when it has ended, whatever ended it. */
  readonly stopped: Promise<void>;
  translated: readonly string[] = [];
  private readonly containers: readonly TaskContainer[];
  private readonly ports = new Map<string, ContainerPort>();
  private stopCode: string | undefined;
  private stoppedReason: string | undefined;
  private markStopped = (): void => undefined;
  private mask = (text: string): string => text;
  private ending = false;

  constructor(private readonly args: TaskArgs) {
    const { spec, clusterArn } = args;
    const cluster = clusterArn.split("/").at(-1) ?? "";
    this.arn = arnOf("ecs", spec.region, `task/${cluster}/${this.id}`);
    this.containers = spec.containers.map(
      (definition) =>
        new TaskContainer(definition, (container) => {
          this.settle(container);
        }),
    );
    this.stopped = new Promise((resolve) => {
      this.markStopped = resolve;
    });
  }

  get spec(): TaskSpec {
    return this.args.spec;
  }

  get zone(): string {
    return zoneOf(this.args.platform.world, this.args.place.subnetId);
  }

  /** Of this machine, where a container's port is; undefined: it has none. */
  portOf(container: string): number | undefined {
    return this.ports.get(container)?.local;
  }

  get pids(): readonly number[] {
    return this.containers.flatMap(({ pid }) => pid ?? []);
  }

  /** Processor time of all its processes since they began, seconds. */
  get cpuSeconds(): number | undefined {
    const seconds = this.pids.flatMap((pid) => cpuSecondsOf(pid) ?? []);
    return seconds.length === 0 ? undefined : seconds.reduce((sum, one) => sum + one, 0);
  }

  get memoryBytes(): number {
    return this.pids.reduce((sum, pid) => sum + (memoryOf(pid) ?? 0), 0);
  }

  /** Starts its containers; resolves when all that can run do, or when it has ended. */
  async start(): Promise<void> {
    try {
      const { platform, spec } = this.args;
      requireRoles(platform.world, spec);
      const fetched = this.containers.map(({ definition }) =>
        fetchFor(platform, { task: spec, taskId: this.id, place: this.args.place }, definition),
      );
      this.mask = maskerOfValues(fetched.flatMap(({ secrets }) => Object.values(secrets)));
      this.lastStatus = "PENDING";
      const started = this.containers.map((container, index) =>
        this.bring(container, fetched[index] as Fetched),
      );
      await Promise.race([Promise.all(started), this.stopped]);
      if (!this.ending) this.lastStatus = "RUNNING";
    } catch (error) {
      if (!(error instanceof TaskFailedToStart)) this.args.platform.log(String(error));
      await this.stop((error as Error).message, "TaskFailedToStart");
    }
  }

  /** SIGTERM to all its containers, SIGKILL after their time; resolves when it has ended. */
  async stop(reason: string, code = "ServiceSchedulerInitiated"): Promise<void> {
    if (this.ending) {
      await this.stopped;
      return;
    }
    this.ending = true;
    this.stoppedReason = reason;
    this.stopCode = code;
    await Promise.all(this.containers.map((one) => one.stop(this.graceMs(one.definition))));
    for (const { local } of this.ports.values()) releasePort(local);
    this.lastStatus = "STOPPED";
    tidyLogs(this.args.directory);
    this.markStopped();
  }

  view(): TaskView {
    const { spec, clusterArn, startedBy } = this.args;
    return {
      ...{ taskArn: this.arn, clusterArn, taskDefinitionArn: spec.arn },
      ...(startedBy !== undefined && { startedBy }),
      lastStatus: this.lastStatus,
      ...(this.stopCode !== undefined && { stopCode: this.stopCode }),
      ...(this.stoppedReason !== undefined && { stoppedReason: this.stoppedReason }),
      containers: this.containers.map((container) => container.outcome()),
    };
  }

  /** Why it ended, for a person: the reason, exit codes, and the end of the log. Secrets are masked. */
  account(): string {
    const ends = this.containers.flatMap((container) => container.account() ?? []);
    return this.mask(
      [`task ${this.id} in ${this.zone}: ${this.stoppedReason ?? "it runs"}`, ...ends].join("\n"),
    );
  }

  /** The end of what a container has written, masked. */
  said(): string {
    return this.mask(this.containers.map((container) => container.said()).join(""));
  }

  private async bring(container: TaskContainer, fetched: Fetched): Promise<void> {
    const { definition } = container;
    for (const { containerName, condition } of definition.dependsOn ?? []) {
      const other = this.containers.find((one) => one.definition.name === containerName);
      const problem = other && (await this.waitFor(other, condition));
      if (this.ending) return;
      if (problem !== undefined) {
        container.fail(
          `dependency graph: failed to resolve container ordering dependency [${containerName}] ` +
            `for target [${definition.name}] as ${problem}`,
        );
        return;
      }
    }
    if (!this.ending) await this.run(container, fetched);
  }

  /** Undefined once the condition holds. */
  private async waitFor(other: TaskContainer, condition: string): Promise<string | undefined> {
    const seconds = other.definition.startTimeout ?? START_TIMEOUT;
    const tooLong = sleep(seconds * 1_000, "dependency did not complete in time" as const, {
      ref: false,
    });
    const met = async (): Promise<string | undefined> => {
      if (condition === "START") await other.started;
      else if (condition === "HEALTHY") {
        // Its health check is a command of its image: here it counts as healthy once it has lived.
        await other.started;
        await sleep(this.args.platform.timing.settleMs);
      } else await other.ended;
      return condition === "SUCCESS" && other.exitCode !== 0
        ? "dependency did not exit successfully."
        : undefined;
    };
    return await Promise.race([met(), tooLong]);
  }

  private async run(container: TaskContainer, fetched: Fetched): Promise<void> {
    const { definition, name } = container;
    const { platform, spec, directory } = this.args;
    const [mapping] = definition.portMappings ?? [];
    if (mapping) {
      this.ports.set(name, { container: mapping.containerPort, local: await freePort() });
    }
    const port = this.ports.get(name);
    // It may have been stopped meanwhile.
    if (this.ending) {
      if (port) releasePort(port.local);
      return;
    }
    const found = programOf(spec, definition, fetched, { ...platform, port });
    if (!found) {
      const command = (definition.command ?? []).join(" ");
      container.fail(
        `CannotStartContainerError: ${command} is no Node program, and this machine runs no other`,
      );
      return;
    }
    this.translated = [...this.translated, ...found.translated];
    container.launch({
      ...found.program,
      ...containerFiles(directory, name, this.id),
      obeyMs: this.graceMs(definition),
    });
  }

  /** A container has ended, or will never start: with an essential one the task ends. */
  private settle({ definition }: TaskContainer): void {
    const isOver = isEssential(definition) || this.containers.every(({ hasEnded }) => hasEnded);
    if (isOver) void this.stop("Essential container in task exited", "EssentialContainerExited");
  }

  private graceMs({ stopTimeout = 30 }: ContainerDefinition): number {
    return Math.min(stopTimeout * 1_000, this.args.platform.timing.graceMs);
  }
}
