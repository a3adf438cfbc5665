/**
 * Runs one task on Fargate to its end, and fails where a container of it fails.
 *
 * @param ecs  The SDK's `ECS`, or what stands in for it in a test.
 * @param place  Where: cluster, subnets, securityGroups, logGroup, timeoutSeconds.
 * @param taskDefinition  ARN with its revision.
 * @param clock  `now()` in milliseconds and `sleep(milliseconds)`.
 */
export async function runTask(ecs, place, taskDefinition, clock) {
  const deadline = clock.now() + place.timeoutSeconds * 1_000;
  const startedBy = startedByOf(taskDefinition);
  // An earlier call may have been cut off while its task went on: its end is this one's.
  const patient = (call) => withPatience(call, clock);
  const arn =
    (await patient(() => findRunning(ecs, place, startedBy))) ??
    (await patient(() => startOnce(ecs, place, taskDefinition, startedBy)));
  for (;;) {
    const { tasks = [] } = await patient(() =>
      ecs.describeTasks({ cluster: place.cluster, tasks: [arn] }),
    );
    const [task] = tasks;
    if (task?.lastStatus === "STOPPED") {
      const fault = faultOf(task);
      if (fault === undefined) return { task: arn, taskDefinition };
      throw new TaskFailed(`${fault}; ${logOf(place, task)}`);
    }
    if (clock.now() >= deadline) {
      throw new TaskFailed(
        `task ${idOf(arn)} still runs after ${place.timeoutSeconds} s (${task?.lastStatus ?? "unknown"}); ` +
          "it goes on by itself: run the deploy again, which waits for it, or stop it with " +
          `aws ecs stop-task --cluster ${place.cluster} --task ${idOf(arn)}`,
      );
    }
    await clock.sleep(POLL_MS);
  }
}

const POLL_MS = 1_000;
/** Rights that were given seconds ago are not known everywhere at once. */
const PATIENCE_MS = 60_000;

/** Told by Lambda as it is; a stack would only hide the message. */
class TaskFailed extends Error {
  constructor(message) {
    super(message);
    this.name = "TaskFailed";
    this.stack = "";
  }
}

/** "family/revision": a colon may not stand in it. */
function startedByOf(taskDefinition) {
  return taskDefinition.split("task-definition/").at(-1).replace(":", "/");
}

async function findRunning(ecs, { cluster }, startedBy) {
  // No other filter may stand beside this one. Tasks that have ended are not listed.
  const { taskArns = [] } = await ecs.listTasks({ cluster, startedBy });
  return taskArns[0];
}

async function withPatience(call, clock) {
  const giveUp = clock.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const early =
        error.name === "AccessDeniedException" ||
        /assume (the )?(service linked )?role/i.test(error.message);
      if (!early || clock.now() >= giveUp) throw error;
    }
    await clock.sleep(POLL_MS);
  }
}

async function startOnce(ecs, place, taskDefinition, startedBy) {
  const { tasks = [], failures = [] } = await ecs.runTask({
    cluster: place.cluster,
    taskDefinition,
    startedBy,
    count: 1,
    launchType: "FARGATE",
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: place.subnets,
        securityGroups: place.securityGroups,
        assignPublicIp: "DISABLED",
      },
    },
  });
  const [task] = tasks;
  if (task) return task.taskArn;
  const reasons = failures.map(({ reason, detail }) => (detail ? `${reason} (${detail})` : reason));
  throw new TaskFailed(`ECS did not start the task: ${reasons.join(", ") || "no reason given"}`);
}

/** What went wrong with a task that has ended; undefined where every container ended with 0. */
function faultOf({ containers = [], stoppedReason, stopCode }) {
  const failed = containers.filter(({ exitCode }) => exitCode !== 0);
  if (failed.length === 0 && containers.length > 0) return undefined;
  // One that never ran waited for one that failed, or for what the task's own reason says.
  const [first] = [...failed].sort((a, b) => (b.exitCode ?? -1) - (a.exitCode ?? -1));
  return [
    first ? `container ${first.name} ${ending(first)}` : "no container ran",
    stoppedReason && `the task stopped: ${stoppedReason}`,
    stopCode,
  ]
    .filter(Boolean)
    .join("; ");
}

function ending({ exitCode, reason }) {
  const ended = exitCode === undefined ? "did not run" : `ended with exit code ${exitCode}`;
  return reason ? `${ended} (${reason})` : ended;
}

function logOf({ logGroup }, { taskArn }) {
  return `its log: aws logs tail ${logGroup} --since 1h | grep ${idOf(taskArn)}`;
}

function idOf(arn) {
  return arn.split("/").at(-1);
}
