import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";

const place = {
  cluster: "drops-test",
  subnets: ["subnet-a", "subnet-b"],
  securityGroups: ["sg-app"],
  logGroup: "/ecs/drops-test-migrate",
  timeoutSeconds: 600,
};
const taskDefinition = "arn:aws:ecs:us-east-1:123456789012:task-definition/drops-test-migrate:7";
const taskArn = "arn:aws:ecs:us-east-1:123456789012:task/drops-test/0123abcd";

interface Container {
  readonly name: string;
  readonly exitCode?: number;
  readonly reason?: string;
}
interface Task {
  readonly taskArn: string;
  readonly lastStatus: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly containers?: readonly Container[];
}
interface Started {
  readonly tasks?: readonly { readonly taskArn: string }[];
  readonly failures?: readonly { readonly reason: string; readonly detail?: string }[];
}

/** ECS, as far as the function asks it. What was asked is in `calls`, by the action's name. */
class FakeEcs {
  readonly calls: [string, unknown][] = [];

  constructor(
    private readonly answers: {
      readonly running?: readonly string[];
      readonly started?: Started | readonly (Started | Error)[];
      /** What listing and looking fail with at first, once each. */
      readonly early?: Error;
      /** One after the other; the last for ever. */
      readonly seen: readonly (Task | undefined)[];
    },
  ) {}

  async listTasks(input: unknown) {
    this.calls.push(["listTasks", input]);
    this.failEarly("listTasks");
    return await Promise.resolve({ taskArns: this.answers.running });
  }

  async runTask(input: unknown): Promise<Started> {
    const { started = { tasks: [{ taskArn }] } } = this.answers;
    const turns = Array.isArray(started) ? (started as readonly (Started | Error)[]) : [started];
    const turn = turns[Math.min(this.count("runTask"), turns.length - 1)] as Started | Error;
    this.calls.push(["runTask", input]);
    if (turn instanceof Error) throw turn;
    return await Promise.resolve(turn);
  }

  async describeTasks(input: unknown) {
    const { seen } = this.answers;
    const task = seen[Math.min(this.count("describeTasks"), seen.length - 1)];
    this.calls.push(["describeTasks", input]);
    this.failEarly("describeTasks");
    return await Promise.resolve({ tasks: task ? [task] : [] });
  }

  private failEarly(action: string): void {
    const { early } = this.answers;
    if (early && this.count(action) === 1) throw early;
  }

  count(action: string): number {
    return this.calls.filter(([name]) => name === action).length;
  }
}

/** Time passes only by waiting. */
function fakeClock() {
  let now = 0;
  return {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds;
      await Promise.resolve();
    },
  };
}

type RunTask = (
  ecs: FakeEcs,
  where: typeof place,
  what: string,
  clock: ReturnType<typeof fakeClock>,
) => Promise<unknown>;

let runTask: RunTask;
beforeAll(async () => {
  const file = join(__dirname, "runTask.mjs");
  ({ runTask } = (await import(file)) as { runTask: RunTask });
});

const run = async (ecs: FakeEcs, clock = fakeClock()) =>
  await runTask(ecs, place, taskDefinition, clock);

const task = (lastStatus: string, more: Partial<Task> = {}): Task => ({
  ...{ taskArn, lastStatus },
  ...more,
});
const ended = (containers: readonly Container[], more: Partial<Task> = {}): Task =>
  task("STOPPED", { containers, ...more });
const well = ended([
  { name: "roles", exitCode: 0 },
  { name: "migrate", exitCode: 0 },
]);

describe("a task that ends well", () => {
  it("is run once where it was told to, and asked after until its end", async () => {
    const ecs = new FakeEcs({ seen: [undefined, task("PENDING"), task("RUNNING"), well] });
    expect(await run(ecs)).toEqual({ task: taskArn, taskDefinition });
    expect(ecs.calls.slice(0, 3)).toEqual([
      ["listTasks", { cluster: "drops-test", startedBy: "drops-test-migrate/7" }],
      [
        "runTask",
        {
          cluster: "drops-test",
          taskDefinition,
          startedBy: "drops-test-migrate/7",
          count: 1,
          launchType: "FARGATE",
          networkConfiguration: {
            awsvpcConfiguration: {
              subnets: place.subnets,
              securityGroups: place.securityGroups,
              assignPublicIp: "DISABLED",
            },
          },
        },
      ],
      ["describeTasks", { cluster: "drops-test", tasks: [taskArn] }],
    ]);
    expect([ecs.count("runTask"), ecs.count("describeTasks")]).toEqual([1, 4]);
  });

  it("is not run again where one of its revision runs already: that one is waited for", async () => {
    const other = taskArn.replace("0123abcd", "running");
    const ecs = new FakeEcs({ running: [other], seen: [task("RUNNING"), well] });
    expect(await run(ecs)).toEqual({ task: other, taskDefinition });
    expect(ecs.count("runTask")).toBe(0);
    expect(ecs.calls.at(-1)).toEqual(["describeTasks", { cluster: "drops-test", tasks: [other] }]);
  });
});

describe("a task that fails", () => {
  const log = "; its log: aws logs tail /ecs/drops-test-migrate --since 1h | grep 0123abcd";
  it.each<[string, Task, string]>([
    [
      "in its last container",
      ended(
        [
          { name: "roles", exitCode: 0 },
          { name: "migrate", exitCode: 2 },
        ],
        {
          stopCode: "EssentialContainerExited",
          stoppedReason: "Essential container in task exited",
        },
      ),
      "container migrate ended with exit code 2; the task stopped: Essential container in task exited; " +
        "EssentialContainerExited",
    ],
    [
      "in its first, so that the last never ran",
      ended([
        { name: "migrate", reason: "dependency failed" },
        { name: "roles", exitCode: 2 },
      ]),
      "container roles ended with exit code 2",
    ],
    [
      "by taking too much memory",
      ended([{ name: "migrate", exitCode: 137, reason: "OutOfMemoryError" }]),
      "container migrate ended with exit code 137 (OutOfMemoryError)",
    ],
    [
      "before it starts",
      ended([{ name: "migrate" }], {
        stopCode: "TaskFailedToStart",
        stoppedReason: "ResourceInitializationError: unable to pull secrets: AccessDenied",
      }),
      "container migrate did not run; the task stopped: ResourceInitializationError: unable to pull " +
        "secrets: AccessDenied; TaskFailedToStart",
    ],
    [
      "without a container",
      task("STOPPED", { stoppedReason: "Capacity is unavailable at this time." }),
      "no container ran; the task stopped: Capacity is unavailable at this time.",
    ],
  ])("%s", async (_, last, words) => {
    const ecs = new FakeEcs({ seen: [task("RUNNING"), last] });
    await expect(run(ecs)).rejects.toMatchObject({
      name: "TaskFailed",
      message: words + log,
      // Lambda would send it along.
      stack: "",
    });
  });
});

describe("a task that cannot be started", () => {
  it.each<[string, Started, string]>([
    [
      "for lack of something",
      { tasks: [], failures: [{ reason: "RESOURCE:ENI" }, { reason: "X", detail: "of y" }] },
      "ECS did not start the task: RESOURCE:ENI, X (of y)",
    ],
    ["for no reason", {}, "ECS did not start the task: no reason given"],
  ])("%s", async (_, started, words) => {
    await expect(run(new FakeEcs({ started, seen: [] }))).rejects.toThrow(words);
  });

  it.each([
    Object.assign(new Error("not authorized to perform ecs:RunTask"), {
      name: "AccessDeniedException",
    }),
    Object.assign(new Error("ECS was unable to assume the role that was provided"), {
      name: "ClientException",
    }),
    Object.assign(new Error("Unable to assume the service linked role."), {
      name: "InvalidParameterException",
    }),
  ])("yet, because its rights are new: $message", async (error) => {
    const ecs = new FakeEcs({ started: [error, error, { tasks: [{ taskArn }] }], seen: [well] });
    expect(await run(ecs)).toEqual({ task: taskArn, taskDefinition });
    expect(ecs.count("runTask")).toBe(3);
  });

  it("yet, because looking is a right that is new too", async () => {
    const early = Object.assign(new Error("not authorized"), { name: "AccessDeniedException" });
    const ecs = new FakeEcs({ early, seen: [well] });
    expect(await run(ecs)).toEqual({ task: taskArn, taskDefinition });
    expect([ecs.count("listTasks"), ecs.count("runTask")]).toEqual([2, 1]);
  });

  it("ever, because it has no rights", async () => {
    const error = Object.assign(new Error("not authorized"), { name: "AccessDeniedException" });
    const clock = fakeClock();
    await expect(run(new FakeEcs({ started: [error], seen: [] }), clock)).rejects.toBe(error);
    expect(clock.now()).toBe(60_000);
  });

  it("for another reason is told at once", async () => {
    const error = Object.assign(new Error("no such cluster"), { name: "ClusterNotFoundException" });
    const ecs = new FakeEcs({ started: [error], seen: [] });
    await expect(run(ecs)).rejects.toBe(error);
    expect(ecs.count("runTask")).toBe(1);
  });
});

it("a task that takes longer is left to go on, and what to do is said", async () => {
  const ecs = new FakeEcs({ seen: [task("RUNNING")] });
  const clock = fakeClock();
  await expect(run(ecs, clock)).rejects.toThrow(
    "task 0123abcd still runs after 600 s (RUNNING); it goes on by itself: run the deploy again, which " +
      "waits for it, or stop it with aws ecs stop-task --cluster drops-test --task 0123abcd",
  );
  expect(clock.now()).toBe(600_000);
});

describe("the function's own files", () => {
  it("answer an event with the SDK that the runtime has", () => {
    const directory = mkdtempSync(join(tmpdir(), "drops-function-"));
    onTestFinished(() => {
      rmSync(directory, { recursive: true, force: true });
    });
    for (const file of ["index.mjs", "runTask.mjs"]) {
      cpSync(join(__dirname, file), join(directory, file));
    }
    const sdk = join(directory, "node_modules/@aws-sdk/client-ecs");
    mkdirSync(sdk, { recursive: true });
    writeFileSync(join(sdk, "package.json"), '{"type":"module","exports":"./index.js"}');
    writeFileSync(
      join(sdk, "index.js"),
      `export class ECS {
        listTasks = async ({ cluster }) => ({ taskArns: [cluster + "/running"] });
        describeTasks = async ({ tasks: [taskArn] }) => ({
          tasks: [{ taskArn, lastStatus: "STOPPED", containers: [{ name: "migrate", exitCode: 0 }] }],
        });
      }`,
    );
    const script =
      'import("./index.mjs").then(async ({ handler }) => {' +
      `console.log(JSON.stringify(await handler({ taskDefinition: "${taskDefinition}" }))); });`;
    const output = execFileSync(process.execPath, ["-e", script], {
      cwd: directory,
      env: { PLACE: JSON.stringify(place) },
      encoding: "utf8",
    });
    expect(JSON.parse(output)).toEqual({ task: "drops-test/running", taskDefinition });
  });
});
