import { describe, expect, it } from "vitest";
import { eventRuleName, serviceEvents } from "../components/alarms/serviceEvents";
import { largeConnectionBudget } from "./largeConnections";
import { eventNameLength, longestEvent, serviceEventName } from "./names";
import {
  afterFix,
  checkedStack,
  expectMended,
  largeSet,
  problemsOfStack,
  type Refusal,
} from "./testStacks";

const service = (name: string, more = ""): string =>
  `services=[{"name":"${name}","command":["node"]${more}}]`;

const refused: readonly Refusal[] = [
  [
    "a pair that Fargate does not sell",
    ["app.memoryMib=1024"],
    "app.memoryMib",
    "1024, with cpuUnits 1024: Fargate has no such task",
    "2048, 3072 ... 8192, or this with cpuUnits 256, 512",
    largeSet("app.memoryMib", "2048"),
  ],
  [
    "memory between two amounts",
    ["app.memoryMib=3000"],
    "app.memoryMib",
    "3000, with cpuUnits 1024: Fargate has no such task",
    "2048, 3072 ... 8192",
    largeSet("app.memoryMib", "3072"),
  ],
  [
    "CPU units that nobody sells",
    ["worker.cpuUnits=1000", "worker.memoryMib=2048"],
    "worker.cpuUnits",
    "1000, of which Fargate has no task",
    "256, 512, 1024, 2048, 4096, 8192, 16384",
    largeSet("worker.cpuUnits", "1024"),
  ],
  [
    "fewer at the most than always",
    ["app.minTasks=6", "app.maxTasks=4"],
    "app.maxTasks",
    "4, with minTasks 6",
    "6 or more",
    largeSet("app.maxTasks", "6"),
  ],
  [
    "a service's name that is taken",
    [service("worker")],
    "services[0].name",
    '"worker", which the stack has already',
    "another name than web, worker, migrate, roles",
    largeSet("services[0].name", "worker-1"),
  ],
  [
    "a name that alarms give the database",
    [service("postgres-writer")],
    "services[0].name",
    '"postgres-writer", as alarms call the database and the cache',
    "a name that does not begin with postgres or redis",
    largeSet("services[0].name", "data-writer"),
  ],
  [
    "a name that two services have, as long as a name may be",
    [
      'services=[{"name":"consumer-of-the-mail","command":["a"]},{"name":"consumer-of-the-mail","command":["b"]}]',
    ],
    "services[1].name",
    '"consumer-of-the-mail", which another service has',
    "a name that no other service has",
    largeSet("services[1].name", "consumer-of-the-ma-2"),
  ],
];

describe("tasks", () => {
  it.each(refused)("%s", (...refusal) => {
    expectMended(refusal);
  });
});

describe("names that a stack and a service make together", () => {
  // 26 characters: as many as the balancer's name has room for.
  const stack = "a-stack-with-a-long-name-x";
  const problems = (name: string) =>
    problemsOfStack("large", ["tier=large", service(name)], [], stack);

  it("may be as long as the name of a rule of EventBridge", () => {
    expect(serviceEventName(stack, "a".repeat(17), longestEvent)).toHaveLength(64);
    expect(problems("a".repeat(17))).toEqual([]);
    expect(problems("consumer-of-the-ma")).toEqual([
      {
        key: "drops:services[0].name",
        got: '"consumer-of-the-ma", with which the name of a rule of EventBridge has 65 characters of 64',
        allowed: `up to 17 characters in a stack called ${stack}`,
        fix: `pulumi config set --stack ${stack} --path 'drops:services[0].name' consumer-of-the-m`,
      },
    ]);
  });

  it("are those of the component that makes the rules", () => {
    for (const event of serviceEvents) {
      expect(eventRuleName("prod", "mailer", event)).toBe(
        serviceEventName("prod", "mailer", event),
      );
      expect(event.length).toBeLessThanOrEqual(longestEvent.length);
    }
    // The stack's own services fit beside the longest stack.
    for (const name of ["web", "worker"]) {
      expect(serviceEventName(stack, name, longestEvent).length).toBeLessThan(eventNameLength.high);
    }
  });

  it.each(["a".repeat(27), "two--hyphens", "ends-"])("refuses the stack's name %s", (name) => {
    expect(problemsOfStack("large", ["tier=large"], [], name).map(({ key }) => key)).toEqual([
      "the stack's name",
    ]);
  });
});

const connections: readonly Refusal[] = [
  [
    "of the app, which a smaller pool mends",
    ["app.maxTasks=100"],
    "app.poolPerProcess",
    "10: 100 tasks x 2 during a deploy x 10 + 16 of everything else + 6 reserved = 2022 connections",
    "at most 1439 in all, 80 % of the database's 1799",
    largeSet("app.poolPerProcess", "7"),
  ],
  [
    "of the app, which takes fewer tasks too",
    ["app.maxTasks=500"],
    "app.poolPerProcess",
    "10: 500 tasks x 2 during a deploy x 10 + 16 of everything else + 6 reserved = 10022 connections",
    "at most 1439 in all, 80 % of the database's 1799",
    `${largeSet("app.maxTasks", "354")} and ${largeSet("app.poolPerProcess", "2")}`,
  ],
  [
    "of the workers, when they need the most",
    ["worker.maxTasks=80", "worker.poolPerProcess=10"],
    "worker.poolPerProcess",
    "10: 80 tasks x 2 during a deploy x 10 + 240 of everything else + 6 reserved = 1846 connections",
    "at most 1439 in all, 80 % of the database's 1799",
    largeSet("worker.poolPerProcess", "7"),
  ],
  [
    "of a service, when it needs the most",
    [service("mailer", ',"maxTasks":50,"poolPerProcess":20')],
    "services[0].poolPerProcess",
    "20: 50 tasks x 2 during a deploy x 20 + 256 of everything else + 6 reserved = 2262 connections",
    "at most 1439 in all, 80 % of the database's 1799",
    largeSet("services[0].poolPerProcess", "11"),
  ],
  [
    "of tasks that always run, which take a larger database",
    ["app.minTasks=400", "app.maxTasks=400", "app.poolPerProcess=2"],
    "app.poolPerProcess",
    "2: 400 tasks x 2 during a deploy x 2 + 16 of everything else + 6 reserved = 1622 connections",
    "at most 1439 in all, 80 % of the database's 1799",
    largeSet("postgres.instanceClass", "db.r6g.xlarge"),
  ],
];

describe("more connections than the database allows", () => {
  it.each(connections)("%s", (...refusal) => {
    expectMended(refusal);
  });

  it("of tasks that always run, which take a larger capacity", () => {
    const settings = [
      ...["postgres.mode=serverless", "postgres.maxAcu=8"],
      ...["app.minTasks=400", "app.maxTasks=400", "app.poolPerProcess=2"],
    ];
    const [problem, ...others] = problemsOfStack("large", settings);
    expect(others).toEqual([]);
    expect(problem?.fix).toBe(largeSet("postgres.maxAcu", "10"));
    expect(problemsOfStack("large", afterFix(settings, problem?.fix ?? ""))).toEqual([]);
  });

  it("do not count workers that never run, nor their addresses", () => {
    const off = ["worker.minTasks=0", "worker.maxTasks=500", "vpcCidr=10.130.0.0/23"];
    expect(problemsOfStack("large", off)).toEqual([]);
    const config = checkedStack("large", off);
    if (config.tier !== "large") throw new Error("not a large stack");
    expect(largeConnectionBudget(config)).toMatchObject({
      parts: [{ path: ["app"], connections: 240 }],
      total: 246,
    });
    const on = ["worker.minTasks=1", ...off.slice(1)];
    expect(problemsOfStack("large", on).map(({ key }) => key)).toEqual([
      "drops:vpcCidr",
      "drops:worker.poolPerProcess",
    ]);
  });
});
