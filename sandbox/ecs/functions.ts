import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { filesIn } from "../aws/function/archive";
import { functionType } from "../aws/function";
import { isTrusted } from "../aws/iam/permissions";
import { AwsError } from "../aws/refusal";
import { regionOf, textOf } from "../aws/shapes";
import type { CloudResource } from "../contracts";
import { textIn } from "../files";
import { recordSuffix, removeRecord } from "../services/processRecord";
import { launch } from "../services/processRun";
import { endProcess } from "../services/processTable";
import type { InvocationResult } from "../containers/contract";
import { callEcs, type Caller } from "./ecsApi";
import { apiToken, apiUrl, callsIn, unpack } from "./functionFiles";
import type { Platform } from "./task";
import type { OneOffTasks } from "./tasks";

interface Needs {
  /** Code, logs and records below it. */
  readonly directory: string;
  readonly platform: Platform;
  readonly tasks: OneOffTasks;
  /** Aborted: what runs is ended. */
  readonly interrupt: AbortSignal;
}

/**
 * Runs a function's code in a process of its own, with its variables and the rights of its role.
 *
 * @throws AwsError where there is no such function, or Lambda may not act as its role.
 */
export async function invokeFunction(
  needs: Needs,
  functionArn: string,
  payload: string,
): Promise<InvocationResult> {
  const { world } = needs.platform;
  const found = world
    .all(functionType)
    .find(({ outputs, ready }) => ready && outputs["arn"] === functionArn);
  if (!found) {
    throw new AwsError("ResourceNotFoundException", `Function not found: ${functionArn}`, 404);
  }
  const roleArn = String(found.inputs["role"]);
  if (!isTrusted(world, roleArn, "lambda.amazonaws.com")) {
    throw new AwsError(
      "AccessDeniedException",
      "The role defined for the function cannot be assumed by Lambda.",
    );
  }
  const caller = { roleArn, session: found.id, region: regionOf(found.inputs) };
  const token = randomBytes(16).toString("hex");
  const server = await serve(needs, caller, token);
  try {
    const { port } = server.address() as AddressInfo;
    return await run(needs, found, payload, {
      [apiUrl]: `http://127.0.0.1:${port}/`,
      [apiToken]: token,
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function run(
  { directory, platform, interrupt }: Needs,
  { id, inputs }: CloudResource,
  payload: string,
  access: Readonly<Record<string, string>>,
): Promise<InvocationResult> {
  const request = randomUUID();
  const { code, runner } = unpack(directory, id, filesIn(inputs["code"]));
  const place = join(callsIn(directory), request);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const [event, result] = [join(place, "event.json"), join(place, "result.json")];
  writeFileSync(event, payload, { mode: 0o600 });
  const timeoutMs = Number(inputs["timeout"] ?? 3) * 1_000;
  const record = join(place, `${id}${recordSuffix}`);
  const program = launch({
    name: `function ${id}`,
    command: process.execPath,
    args: [
      ...["--require", platform.guard, runner, code],
      ...[String(inputs["handler"]), event, result],
    ],
    env: {
      PATH: dirname(process.execPath),
      ...variablesOf(inputs),
      ...{ AWS_REGION: regionOf(inputs), AWS_DEFAULT_REGION: regionOf(inputs) },
      AWS_EXECUTION_ENV: `AWS_Lambda_${String(inputs["runtime"])}`,
      AWS_LAMBDA_FUNCTION_NAME: id,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: textOf(inputs["memorySize"], "128"),
      ...{ DROPS_SANDBOX_REQUEST: request, DROPS_SANDBOX_DEADLINE: `${Date.now() + timeoutMs}` },
      ...access,
    },
    cwd: code,
    ...{ logFile: join(directory, `${id}.log`), record, signals: ["SIGTERM"], obeyMs: 1_000 },
  });
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, interrupt]);
  const timer = sleep(timeoutMs, "too long" as const, { signal }).catch(
    () => "interrupted" as const,
  );
  const first = await Promise.race([program.ended.then(() => undefined), timer]);
  over.abort();
  if (first !== undefined && program.record) {
    await endProcess(program.record, ["SIGTERM"], 1_000);
  }
  const how = await program.ended;
  removeRecord(record);
  const text = textIn(result);
  rmSync(place, { recursive: true, force: true });
  if (first === "interrupted") throw new Error("the embedded cloud ended while it ran");
  if (first === "too long") {
    const message = `${new Date().toISOString()} ${request} Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`;
    return failed({ errorType: "Sandbox.Timedout", errorMessage: message });
  }
  if (text === undefined) {
    const message = `RequestId: ${request} Error: Runtime exited without providing a reason (it ${how})`;
    return failed({ errorType: "Runtime.ExitError", errorMessage: message });
  }
  const said = JSON.parse(text) as { readonly value?: unknown; readonly error?: object };
  return said.error ? failed(said.error) : { payload: JSON.stringify(said.value) };
}

const failed = (error: object): InvocationResult => ({
  ...{ payload: JSON.stringify(error), functionError: "Unhandled" },
});

function variablesOf({ environment }: CloudResource["inputs"]): Readonly<Record<string, string>> {
  const { variables = {} } = (environment ?? {}) as {
    readonly variables?: Readonly<Record<string, string>>;
  };
  return variables;
}

/** The API of ECS for one call of a function, for who has its token. */
async function serve(needs: Needs, caller: Caller, token: string): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const answer = (status: number, value: object): void => {
      outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    if (incoming.headers.authorization !== token) {
      answer(403, { error: { name: "UnrecognizedClientException", message: "no such token" } });
      return;
    }
    bodyOf(incoming)
      .then(async (text) => {
        const { operation, input } = JSON.parse(text) as { operation: string; input: unknown };
        const { world } = needs.platform;
        return await callEcs({ world, tasks: needs.tasks }, caller, operation, input);
      })
      .then(
        (output) => {
          answer(200, { output });
        },
        (error: unknown) => {
          const name = error instanceof AwsError ? error.code : "ServerException";
          if (!(error instanceof AwsError)) needs.platform.log(String(error));
          answer(400, { error: { name, message: (error as Error).message } });
        },
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  return server;
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) text += String(chunk);
  return text;
}
