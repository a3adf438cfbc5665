import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { LoopbackTarget, ServiceStatus } from "../contracts";
import { keepPort, releasePort, requireFree } from "../services/ports";
import { reapOrphans } from "../services/process";
import { writeApp, type AppRecord, type LiveDeployment } from "./appFile";
import { Autoscaler } from "./autoscaler";
import { Balancer } from "./balancer";
import { containerOf, programOf, type ContainerArgs } from "./container";
import { deploymentDirectory, tidyDeployments } from "./deploymentFiles";
import type { PrivateRoute } from "./environment";
import { Fleet, membersOf, scaledIn, type Counts } from "./fleet";
import type { ImageRegistry } from "./images";
import { runJob } from "./job";
import { maskerOf } from "./masking";
import { isHostOf } from "./routing";
import { opened, sealed, withSecrets } from "./sealing";
import { countsOf, domainsOf, type AppComponent, type AppSpec } from "./spec";
import type { Timing } from "./timing";

export interface AppOptions {
  readonly registry: Pick<ImageRegistry, "find">;
  readonly route: PrivateRoute;
  /** PEM of the authority that stands for the public ones. */
  readonly authorityFile: string;
  /** See `writeGuard`. */
  readonly guard: string;
  readonly timing: Timing;
  readonly log: (line: string) => void;
}

/** A deployment that did not go live; what was live before it still is. */
export class DeploymentFailed extends Error {
  override readonly name = "DeploymentFailed";
}

/** How long a start of the cloud waits for apps to be healthy, milliseconds. */
const RESUME_MS = 20_000;

/** One app: the deployment that is live, its balancer, and what makes the next one live. */
export class App {
  private fleet: Fleet | undefined;
  /** Aborted: whatever deployment is under way is given up. */
  private readonly interrupted = new AbortController();
  private readonly balancer: Balancer;
  private readonly autoscaler: Autoscaler;

  private constructor(
    private readonly id: string,
    private readonly directory: string,
    private record: AppRecord,
    private readonly options: AppOptions,
  ) {
    this.balancer = new Balancer({
      spec: () => this.fleet?.spec,
      ports: (component) =>
        (this.fleet?.of(component) ?? []).flatMap(({ isServing, port }) =>
          isServing && port !== undefined ? [port] : [],
        ),
    });
    this.autoscaler = new Autoscaler({
      scaled: () => (this.fleet ? scaledIn(this.fleet) : []),
      timing: options.timing.autoscaling,
      log: options.log,
      onScaled: () => {
        this.keepCounts();
      },
    });
  }

  /** The app of a record, its balancer listening; nothing else of it runs yet. */
  static async open(
    id: string,
    directory: string,
    record: AppRecord,
    options: AppOptions,
  ): Promise<App> {
    keepPort(record.port);
    await requireFree(record.port, `the balancer of app ${record.name}`);
    const app = new App(id, directory, record, options);
    await app.balancer.listen(record.port);
    return app;
  }

  get host(): string {
    return this.record.host;
  }

  /** Where a host name of the app leads; undefined where it is not its, or nothing is live. */
  ingress(host: string): LoopbackTarget | undefined {
    if (!this.fleet || !isHostOf(this.fleet.spec, this.host, host)) return undefined;
    return { host: "127.0.0.1", port: this.record.port };
  }

  /** Has what was live run again, after the cloud had ended. */
  async resume(): Promise<void> {
    await reapOrphans(this.directory);
    const { live } = this.record;
    if (!live) return;
    this.fleet = this.newFleet(live.id, live.spec, Infinity);
    const started = this.fleet.start(live.counts).catch((error: unknown) => {
      this.options.log(`app ${this.record.name}: ${String(error)}`);
    });
    await Promise.race([started, sleep(RESUME_MS, undefined, { ref: false })]);
    this.autoscaler.start();
  }

  /**
   * Makes a spec live, as the platform does: its jobs, all of the new beside the old, the switch, the
   * end of the old. Nothing happens where it is live already.
   *
   * @param given Secrets in it are in plain, or sealed as they were told before.
   * @returns the live deployment's id, and the spec with every secret sealed.
   * @throws DeploymentFailed where it does not become live; what was live before still is.
   * @throws Unopenable where a secret was sealed for another app.
   */
  async deploy(given: AppSpec): Promise<{ readonly deployment: string; readonly spec: AppSpec }> {
    const { sealingKey, live } = this.record;
    const spec = withSecrets(given, (secret) => opened(secret, sealingKey));
    const told = withSecrets(given, (secret) => sealed(secret, sealingKey));
    const isLive = live && isDeepStrictEqual(live.spec, spec);
    return { deployment: isLive ? live.id : await this.makeLive(spec), spec: told };
  }

  /** Has a deployment that is under way fail now. */
  interrupt(): void {
    this.interrupted.abort();
  }

  /** Ends everything that runs; the files stay. */
  async stop(): Promise<void> {
    await this.autoscaler.pause();
    await this.balancer.close();
    await this.fleet?.stop();
    this.fleet = undefined;
  }

  /** Its port is anybody's from now on. */
  forget(): void {
    releasePort(this.record.port);
  }

  statuses(): readonly ServiceStatus[] {
    const { name, host, port, live } = this.record;
    const domains = live ? domainsOf(live.spec).map((domain) => domain.name) : [];
    const notes = [
      live ? `deployment ${live.id}` : "no deployment is live",
      ...this.autoscaler.notes(),
    ];
    return [
      {
        ...{ resource: this.id, what: `balancer of ${name} (${[host, ...domains].join(", ")})` },
        ...{ state: live ? "running" : "stopped", pid: process.pid, ports: [port] },
        detail: notes.join("; "),
      },
      ...(this.fleet?.statuses(this.id) ?? []),
    ];
  }

  private async makeLive(spec: AppSpec): Promise<string> {
    const id = randomUUID();
    await this.autoscaler.pause();
    try {
      await this.runJobs(id, spec, ["PRE_DEPLOY"]);
      const fleet = await this.startBeside(id, spec);
      await this.switchTo(fleet);
      await this.runJobs(id, spec, ["POST_DEPLOY", "UNSPECIFIED"]);
    } catch (error) {
      await this.runJobs(id, spec, ["FAILED_DEPLOY"]).catch((problem: unknown) => {
        this.options.log(String(problem));
      });
      throw this.failed(id, spec, error);
    } finally {
      this.autoscaler.start();
      await tidyDeployments(this.directory, [id, this.record.live?.id]);
    }
    return id;
  }

  private async startBeside(id: string, spec: AppSpec): Promise<Fleet> {
    const fleet = this.newFleet(id, spec, 1);
    const { signal } = this.interrupted;
    const end = (): void => void fleet.stop();
    signal.addEventListener("abort", end);
    try {
      signal.throwIfAborted();
      await fleet.start(this.countsFor(spec));
      return fleet;
    } catch (error) {
      await fleet.stop();
      throw error;
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  /** On disk before anything of the old ends: whoever is killed in between has the new one. */
  private async switchTo(fleet: Fleet): Promise<void> {
    const old = this.fleet;
    this.fleet = fleet;
    this.keep({ id: fleet.deployment, spec: fleet.spec, counts: fleet.counts() });
    await old?.retire();
  }

  /** A component that is scaled by load keeps the count that it has. */
  private countsFor(spec: AppSpec): Counts {
    const { counts = {} } = this.record.live ?? {};
    return Object.fromEntries(
      membersOf(spec).map(({ spec: own }) => {
        const { least, most } = countsOf(own);
        return [own.name, Math.min(Math.max(counts[own.name] ?? least, least), most)];
      }),
    );
  }

  private keepCounts(): void {
    const { live } = this.record;
    if (live && this.fleet?.deployment === live.id) {
      this.keep({ ...live, counts: this.fleet.counts() });
    }
  }

  private keep(live: LiveDeployment): void {
    this.record = { ...this.record, name: live.spec.name, live };
    writeApp(this.directory, this.record);
  }

  private async runJobs(id: string, spec: AppSpec, kinds: readonly string[]): Promise<void> {
    const jobs = (spec.jobs ?? []).filter(({ kind }) => kinds.includes(kind ?? "UNSPECIFIED"));
    for (const job of jobs) {
      try {
        await runJob(job, programOf(this.containerOf(spec, job)), {
          directory: deploymentDirectory(this.directory, id),
          timing: this.options.timing,
          interrupt: this.interrupted.signal,
        });
      } catch (error) {
        const kind = job.kind ?? "POST_DEPLOY";
        throw new Error(`${kind} job ${job.name} ${(error as Error).message}`, { cause: error });
      }
    }
  }

  private newFleet(deployment: string, spec: AppSpec, attempts: number): Fleet {
    const { timing, log } = this.options;
    return new Fleet({
      ...{ deployment, spec, timing, attempts },
      container: (component) => this.containerOf(spec, component),
      directory: deploymentDirectory(this.directory, deployment),
      log: (line) => {
        log(`app ${spec.name}: ${line}`);
      },
    });
  }

  private containerOf(spec: AppSpec, component: AppComponent): ContainerArgs {
    return containerOf({ ...this.options, id: this.id, host: this.host }, spec, component);
  }

  private failed(id: string, spec: AppSpec, error: unknown): DeploymentFailed {
    const why = error instanceof Error ? error.message : String(error);
    const { live } = this.record;
    const serves =
      live?.id === id
        ? "It is live all the same."
        : live
          ? `Deployment ${live.id} is still live.`
          : "Nothing is live.";
    return new DeploymentFailed(
      `error deploying app (${this.id}) (deployment ID: ${id}):\n${maskerOf(spec)(why)}\n${serves}`,
    );
  }
}
