import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { textIn } from "../files";
import { checkout } from "../places";
import { allow } from "./testing/policies";
import { SampleEcs } from "./testing/sampleEcs";

let sample: SampleEcs;
beforeEach(async () => {
  sample = await SampleEcs.open();
  await sample.base();
});
afterEach(async () => {
  await sample.close();
});

const signature = "4dabf18193072939515e22adb298388d";
/** As the engine hands an AssetArchive of StringAssets over. */
const archive = (files: Readonly<Record<string, string>>) => ({
  [signature]: "0def7320c3a5731c473e5ecbe6d01bc7",
  hash: "0",
  assets: Object.fromEntries(
    Object.entries(files).map(([name, text]) => [
      name,
      { [signature]: "c44067f5952c0a294b673a41bacd8c17", hash: "0", text },
    ]),
  ),
});

/** The function that the stacks have. */
const migrate = () =>
  Object.fromEntries(
    ["index.mjs", "runTask.mjs"].map((file) => [
      file,
      readFileSync(join(checkout, "components/compute/functions", file), "utf8").replace(
        "POLL_MS = 3_000",
        "POLL_MS = 100",
      ),
    ]),
  );

const rights = () => {
  const cluster = { ArnEquals: { "ecs:cluster": sample.arn("cluster") } };
  const base = "arn:aws:ecs:eu-central-1:123456789012";
  return {
    run: { ...allow("ecs:RunTask", `${base}:task-definition/drops-migrate:*`), Condition: cluster },
    see: { ...allow("ecs:DescribeTasks", `${base}:task/drops-large/*`), Condition: cluster },
    find: { ...allow("ecs:ListTasks", "*"), Condition: cluster },
    pass: {
      ...allow("iam:PassRole", sample.arn("execution")),
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
  };
};

async function withFunction(
  files: Readonly<Record<string, string>>,
  statements: readonly object[] = Object.values(rights()),
  timeout = 20,
): Promise<void> {
  const role = await sample.functionRole(...statements);
  await sample.make("Function", "function", {
    ...{ name: "drops-migrate", role: role.outputs["arn"], runtime: "nodejs22.x", timeout },
    ...{ handler: "index.handler", code: archive(files) },
    environment: {
      variables: {
        PLACE: JSON.stringify({
          ...{ cluster: "drops-large", subnets: sample.subnets, timeoutSeconds: 15 },
          ...{ securityGroups: [sample.made["app"]?.id], logGroup: "/ecs/drops" },
        }),
      },
    },
  });
}

const invoke = async (input: unknown) =>
  await sample.make("Invocation", "run", {
    ...{ functionName: "drops-migrate", input: JSON.stringify(input) },
    lifecycleScope: "CREATE_ONLY",
  });

/** Two containers, the second after the first. */
const definition = async (exits: { readonly roles?: number; readonly migrate?: number } = {}) => {
  const image = sample.image({ "roles.js": job("roles"), "migrate.js": job("migrate") });
  const own = (name: "roles" | "migrate", change: object) =>
    sample.container(image, "1", {
      ...{ name, command: ["node", `dist/${name}.js`], portMappings: undefined },
      environment: [
        { name: "MARK", value: sample.mark },
        { name: "JOB_EXIT", value: String(exits[name] ?? 0) },
      ],
      ...change,
    });
  return await sample.define(
    "migrate-task",
    [
      own("migrate", { dependsOn: [{ containerName: "roles", condition: "SUCCESS" }] }),
      own("roles", { essential: false }),
    ],
    "drops-migrate",
  );
};

const job = (name: string): string => `
  require("node:fs").appendFileSync(process.env.MARK, ${JSON.stringify(name)} + "\\n");
  console.log("at " + process.env.DATABASE_URL);
  process.exit(Number(process.env.JOB_EXIT));
`;

describe("the migration's function", () => {
  it("runs the task's containers in their order, and says which task it was", async () => {
    await withFunction(migrate());
    const task = await definition();
    const { outputs } = await invoke({ taskDefinition: task.id });
    expect(JSON.parse(String(outputs["result"]))).toEqual({
      task: expect.stringMatching(
        /^arn:aws:ecs:eu-central-1:123456789012:task\/drops-large\/[0-9a-f]{32}$/,
      ) as string,
      taskDefinition: task.id,
    });
    expect(textIn(sample.mark)).toBe("roles\nmigrate\n");
  });

  it.each([
    [
      { migrate: 3 },
      "roles\nmigrate\n",
      /container migrate ended with exit code 3; the task stopped: Essential container in task exited/,
    ],
    [{ roles: 4 }, "roles\n", /container roles ended with exit code 4/],
  ])("fails the deploy where a container fails: %j", async (exits, ran, message) => {
    await withFunction(migrate());
    const task = await definition(exits);
    const failed = invoke({ taskDefinition: task.id });
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toThrow(
      /^invoking Lambda Function \(drops-migrate\): \{"errorType":"TaskFailed"/,
    );
    expect(textIn(sample.mark)).toBe(ran);
    expect(sample.cloud.world.all("aws:lambda/invocation:Invocation")).toEqual([]);
  });

  it.each([
    ["run", "ecs:RunTask"],
    ["find", "ecs:ListTasks"],
    ["pass", "iam:PassRole"],
    ["see", "ecs:DescribeTasks"],
  ] as const)("needs the right to %s", async (missing, action) => {
    const others = Object.entries(rights()).filter(([name]) => name !== missing);
    await withFunction(
      // It waits for rights that are not known everywhere yet.
      {
        ...migrate(),
        "runTask.mjs": migrate()["runTask.mjs"]!.replace("PATIENCE_MS = 60_000", "PATIENCE_MS = 0"),
      },
      others.map(([, statement]) => statement),
    );
    const task = await definition();
    await expect(invoke({ taskDefinition: task.id })).rejects.toThrow(
      new RegExp(
        `"errorType":"AccessDeniedException".*is not authorized to perform: ${action} on resource`,
      ),
    );
  });
});

describe("a function", () => {
  const exporting = (body: string) => ({ "index.mjs": `export const handler = ${body};` });

  it.each([
    [
      "async (event) => ({ got: event.a, region: process.env.AWS_REGION })",
      { a: 1 },
      { got: 1, region: "eu-central-1" },
    ],
    ["async () => undefined", {}, null],
    [
      "async () => Object.keys(process.env).filter((name) => name.startsWith('AWS_SECRET'))",
      {},
      [],
    ],
  ])("answers: %s", async (body, event, answer) => {
    await withFunction(exporting(body));
    const { outputs } = await invoke(event);
    expect(JSON.parse(String(outputs["result"]))).toEqual(answer);
  });

  it("leaves the code of its last versions, and nothing of calls that a kill has ended", async () => {
    const directory = join(sample.directory, "containers/functions");
    await withFunction(exporting("async () => 0"));
    for (const answer of [1, 2, 3, 4]) {
      await sample.cloud.update(sample.made["function"]!, {
        code: archive(exporting(`async () => ${answer}`)),
      });
      const { payload } = await sample.containers.invoke(sample.arn("function"), "{}");
      expect(payload).toBe(String(answer));
    }
    const versions = readdirSync(directory).filter((name) => /^drops-migrate-/.test(name));
    expect(versions).toHaveLength(3);
    const call = join(directory, "calls/1");
    mkdirSync(call, { recursive: true });
    writeFileSync(join(call, "event.json"), "{}");
    await sample.containers.stopAll();
    await sample.reopen().startAll();
    expect(existsSync(call)).toBe(false);
  });

  it.each([
    [
      "async () => { throw new TypeError('no way'); }",
      /"errorType":"TypeError","errorMessage":"no way","trace":\["TypeError: no way"/,
    ],
    ["async () => process.exit(3)", /"errorType":"Runtime.ExitError".*exit code 3/],
    [
      "async () => new Promise((done) => setTimeout(done, 9_000))",
      /Task timed out after 1\.00 seconds/,
    ],
    ["3", /"errorType":"Runtime.HandlerNotFound"/],
  ])("that fails is an error: %s", async (body, message) => {
    await withFunction(exporting(body), [], 1);
    await expect(invoke({})).rejects.toThrow(message);
  });
});
