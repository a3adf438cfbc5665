import type { LoopbackTarget, ServiceStatus } from "../contracts";
import type { TaskSpec } from "./taskSpec";

/** Where a listener of a balancer is on this machine, and how it wants to be spoken to. */
export interface BalancerTarget extends LoopbackTarget {
  /** Whether it ends TLS, with a certificate of the sandbox's authority. */
  readonly tls: boolean;
}

/** What a service of ECS is told when it is made or changed. */
export interface ServiceOrder {
  readonly clusterArn: string;
  readonly name: string;
  readonly task: TaskSpec;
  readonly desiredCount: number;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  /** Whether its tasks have addresses that the internet knows. */
  readonly publicAddress: boolean;
  /** Targets of which group its tasks are, and by which container and port. */
  readonly balancers: readonly {
    readonly targetGroupArn: string;
    readonly containerName: string;
    readonly containerPort: number;
  }[];
  readonly healthGraceSeconds: number;
  /** Share of the desired tasks that must, and may, run during a deployment, percent. */
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  readonly circuitBreaker: { readonly enable: boolean; readonly rollback: boolean };
  /** Starts all of its tasks anew even where nothing differs. */
  readonly force?: boolean;
}

/** What of a listener it takes to listen; where it leads is read from the world for each request. */
export interface ListenerOrder {
  readonly balancerArn: string;
  /** As clients know it. */
  readonly port: number;
  /** Names of its certificate, the first one is its subject; absent: plain HTTP. */
  readonly certificateNames?: readonly string[];
}

/** A task that runs once. */
export interface TaskOrder {
  readonly clusterArn: string;
  readonly task: TaskSpec;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly publicAddress: boolean;
  readonly startedBy?: string;
}

/** A container of a task that has ended, or has not. */
export interface ContainerOutcome {
  readonly name: string;
  readonly lastStatus: "PENDING" | "RUNNING" | "STOPPED";
  readonly exitCode?: number;
  readonly reason?: string;
}

/** A task as the API describes it. */
export interface TaskView {
  readonly taskArn: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly startedBy?: string;
  readonly lastStatus: "PROVISIONING" | "PENDING" | "RUNNING" | "STOPPED";
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly containers: readonly ContainerOutcome[];
}

/** A service whose deployment failed: the words of ECS, and why its tasks ended. */
export class ServiceFailed extends Error {
  override readonly name = "ServiceFailed";
}

/** What runs of AWS: tasks of ECS, balancers before them, functions. */
export interface Containers {
  /** Whether a registry of the world has an image, e.g. "ghcr.io/octocat/drops@sha256:…". */
  hasImage(reference: string): boolean;
  /** How many images a repository has, e.g. "123456789012.dkr.ecr.eu-central-1.amazonaws.com/drops". */
  imagesIn(repositoryUrl: string): number;
  forgetImages(repositoryUrl: string): void;
  /** Number of a family's next revision; none comes twice, even where one was deregistered. */
  nextRevision(region: string, family: string): number;
  /**
   * Makes a service if it is not there, and changes it as a rolling deployment; resolves when it is
   * steady.
   *
   * @throws ServiceFailed where it does not become so; what ran before still does.
   */
  deployService(arn: string, order: ServiceOrder): Promise<void>;
  /** Drains its tasks and forgets it. */
  removeService(arn: string): Promise<void>;
  /** Starts a task; it goes on by itself. */
  runTask(order: TaskOrder): Promise<TaskView>;
  describeTask(arn: string): TaskView | undefined;
  listTasks(clusterArn: string): readonly TaskView[];
  /** Runs the code of a function with a payload; resolves to what it returns, as JSON. */
  invoke(functionArn: string, payload: string): Promise<InvocationResult>;
  /** Has a listener of a balancer listen, as the world has it; anew where it does. */
  listen(listenerArn: string, listener: ListenerOrder): Promise<void>;
  unlisten(listenerArn: string): Promise<void>;
  /**
   * Where a balancer is on this machine.
   *
   * @param name Its ARN or DNS name.
   * @param port Of the listener. @default the only one, or the one with TLS
   */
  balancerTarget(name: string, port?: number): BalancerTarget | undefined;
  startAll(): Promise<void>;
  stopAll(): Promise<void>;
  statuses(): readonly ServiceStatus[];
}

export interface InvocationResult {
  readonly payload: string;
  /** "Unhandled" where the code threw; the payload says what then. */
  readonly functionError?: string;
}
