import { randomUUID } from "node:crypto";
import { logGroupType } from "../aws/logs";
import { repositoryType } from "../aws/registry";
import type { Question } from "../aws/iam/evaluate";
import { accessDenied, isTrusted, mayRole } from "../aws/iam/permissions";
import { hasEndpoint, hasWayOut, mayReachAnywhere } from "../aws/network/reach";
import { secretNameOf, secretValue } from "../aws/secrets";
import { accountId, arnOf } from "../aws/shapes";
import type { LocalImage } from "../apps/images";
import type { World } from "../contracts";
import type { ContainerDefinition, TaskSpec } from "../containers/taskSpec";

/** Why a task does not start: ECS's own words, which its description shows. */
export class TaskFailedToStart extends Error {
  override readonly name = "TaskFailedToStart";
}

/** Where a task is in the network. */
export interface TaskPlace {
  readonly subnetId: string;
  readonly securityGroupIds: readonly string[];
  readonly publicAddress: boolean;
}

/** A task that is being started. */
interface Starting {
  readonly task: TaskSpec;
  readonly taskId: string;
  readonly place: TaskPlace;
}

interface Needs {
  readonly world: World;
  readonly images: { at(reference: string): LocalImage | undefined };
}

/** What ECS has fetched for a container before it starts. */
export interface Fetched {
  readonly image: LocalImage;
  readonly secrets: Readonly<Record<string, string>>;
}

export const ecsTasks = "ecs-tasks.amazonaws.com";

/** @throws TaskFailedToStart where ECS may not act as one of the task's roles. */
export function requireRoles(world: World, task: TaskSpec): void {
  for (const role of [task.executionRoleArn, task.taskRoleArn]) {
    if (role === undefined || isTrusted(world, role, ecsTasks)) continue;
    throw new TaskFailedToStart(
      `ECS was unable to assume the role '${role}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`,
    );
  }
}

/**
 * Does what ECS does as a task's execution role, from where the task is: pulls the image, reads the
 * secrets, opens the log.
 *
 * @throws TaskFailedToStart where something is not there, not reached, or the role may not do it.
 */
export function fetchFor(
  { world, images }: Needs,
  starting: Starting,
  container: ContainerDefinition,
): Fetched {
  const agent = new Agent(world, starting);
  agent.logIn(container);
  const secrets = Object.fromEntries(
    (container.secrets ?? []).map(({ name, valueFrom }) => [name, agent.secret(valueFrom)]),
  );
  agent.openLog(container);
  agent.requireRegistry(container.image);
  const image = images.at(container.image);
  if (!image) throw notPulled(container.image, `${container.image}: not found`);
  return { image, secrets };
}

const notPulled = (image: string, why: string): TaskFailedToStart =>
  new TaskFailedToStart(
    `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: ${why}`,
  );

const uninitialized =
  (what: string) =>
  (why: string): TaskFailedToStart =>
    new TaskFailedToStart(`ResourceInitializationError: ${what}: ${why}`);

const noLogin = uninitialized(
  "unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s)",
);
const noLog = uninitialized(
  "failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream",
);

const ecrImage = /^(\d+)\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^@:]+)[@:]/;

/** What starts the containers of a task: it acts as the task's execution role. */
class Agent {
  constructor(
    private readonly world: World,
    private readonly starting: Starting,
  ) {}

  /** The value of a secret. */
  secret(valueFrom: string): string {
    const name = secretNameOf(valueFrom);
    const failed = uninitialized(
      "unable to pull secrets or registry auth: execution resource retrieval failed: unable to " +
        `retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${valueFrom} from secrets manager`,
    );
    if (!name) throw failed("it is no ARN of Secrets Manager");
    this.requireReached("secretsmanager", failed);
    const action = "secretsmanager:GetSecretValue";
    this.requireAllowed({ action, resource: name.arn }, failed);
    try {
      return secretValue(this.world, name);
    } catch (error) {
      throw failed((error as Error).message);
    }
  }

  /** The login of the registry that an image is in: the stack's own, or one with credentials. */
  logIn({ repositoryCredentials, image }: ContainerDefinition): void {
    if (repositoryCredentials) {
      const text = this.secret(repositoryCredentials.credentialsParameter);
      if (!isLogin(text)) throw noLogin("the secret is no JSON with username and password");
    }
    const [, account, region = "", name] = ecrImage.exec(image) ?? [];
    if (name === undefined) return;
    this.requireReached("ecr.api", noLogin);
    this.requireAllowed({ action: "ecr:GetAuthorizationToken", resource: "*" }, noLogin);
    const resource = arnOf("ecr", region, `repository/${name}`);
    const failed = (why: string): TaskFailedToStart => notPulled(image, why);
    for (const action of [
      ...["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
    ]) {
      this.requireAllowed({ action, resource }, failed);
    }
    const isThere = this.world
      .all(repositoryType)
      .some(({ id, inputs }) => id === name && inputs["region"] === region);
    if (account !== accountId || !isThere) throw failed(`${image}: not found`);
  }

  /** Whoever pulls reaches the registry, and for ECR's layers S3. */
  requireRegistry(image: string): void {
    const failed = (why: string): TaskFailedToStart => notPulled(image, why);
    const services = ecrImage.test(image) ? ["ecr.dkr", "s3"] : [undefined];
    for (const service of services) this.requireReached(service, failed);
  }

  openLog({ name, logConfiguration }: ContainerDefinition): void {
    const { options = {}, logDriver } = logConfiguration ?? {};
    const { "awslogs-group": group, "awslogs-region": region = this.starting.task.region } =
      options;
    if (logDriver !== "awslogs" || group === undefined) return;
    this.requireReached("logs", noLog);
    const stream = `${options["awslogs-stream-prefix"] ?? ""}/${name}/${this.starting.taskId}`;
    const resource = arnOf("logs", region, `log-group:${group}:log-stream:${stream}`);
    for (const action of ["logs:CreateLogStream", "logs:PutLogEvents"]) {
      this.requireAllowed({ action, resource }, noLog);
    }
    const isThere = this.world
      .all(logGroupType)
      .some(({ id, inputs }) => id === group && inputs["region"] === region);
    if (!isThere) throw noLog("ResourceNotFoundException: The specified log group does not exist.");
  }

  private requireAllowed(question: Question, failed: (why: string) => Error): void {
    const { task, taskId } = this.starting;
    const { executionRoleArn: role = "" } = task;
    if (mayRole(this.world, role, question)) return;
    throw failed(
      `AccessDeniedException: ${accessDenied(role, taskId, question)} status code: 400, request id: ${randomUUID()}`,
    );
  }

  /** @param service Of AWS; undefined: somewhere on the internet. */
  private requireReached(service: string | undefined, failed: (why: string) => Error): void {
    const { subnetId, securityGroupIds: groups, publicAddress } = this.starting.place;
    const isLetOut = groups.length === 0 || mayReachAnywhere(this.world, groups, 443);
    if (isLetOut && hasWayOut(this.world, subnetId, publicAddress)) return;
    if (service !== undefined && isLetOut && hasEndpoint(this.world, subnetId, service)) return;
    throw failed(
      `dial tcp: i/o timeout: there is a connection issue between the task and ${service ?? "the registry"}: ` +
        (isLetOut
          ? `subnet ${subnetId} has neither a way out nor an endpoint`
          : "no security group lets it out at port 443") +
        ". Check your task network configuration.",
    );
  }
}

function isLogin(text: string): boolean {
  try {
    const { username, password } = JSON.parse(text) as Record<string, unknown>;
    return typeof username === "string" && typeof password === "string";
  } catch {
    return false;
  }
}
