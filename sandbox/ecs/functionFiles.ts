import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { writeAtOnce } from "../files";

/** Names under which a function finds the embedded cloud; nothing of AWS has them. */
export const apiUrl = "DROPS_SANDBOX_AWS_URL";
export const apiToken = "DROPS_SANDBOX_AWS_TOKEN";

/** What a function of Lambda finds of the SDK: the client of ECS, which asks the embedded one. */
const client = `
const call = async (operation, input) => {
  const answer = await fetch(process.env.${apiUrl}, {
    method: "POST",
    headers: { authorization: process.env.${apiToken}, "content-type": "application/json" },
    body: JSON.stringify({ operation, input }),
  });
  const { output, error } = await answer.json();
  if (!error) return output;
  throw Object.assign(new Error(error.message), { name: error.name, $metadata: { httpStatusCode: answer.status } });
};
const upper = (name) => name[0].toUpperCase() + name.slice(1);
export class ECSClient {
  send({ operation, input }) { return call(operation, input); }
  destroy() {}
}
export class ECS extends ECSClient {
  constructor() {
    super();
    return new Proxy(this, {
      get: (own, name) => name in own || typeof name === "symbol" || name === "then"
        ? own[name]
        : (input = {}) => call(upper(name), input),
    });
  }
}
const command = (operation) => class { constructor(input = {}) { Object.assign(this, { operation, input }); } };
export const RunTaskCommand = command("RunTask");
export const ListTasksCommand = command("ListTasks");
export const DescribeTasksCommand = command("DescribeTasks");
export const StopTaskCommand = command("StopTask");
`;

/** Runs a handler once, as Lambda's runtime does: \`runner.mjs CODE HANDLER EVENT RESULT\`. */
const runner = `
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
const [code, handler, event, result] = process.argv.slice(2);
const say = (value) => writeFileSync(result, JSON.stringify(value));
try {
  const at = handler.lastIndexOf(".");
  const file = [".mjs", ".js", ".cjs"].map((end) => join(code, handler.slice(0, at) + end)).find(existsSync);
  if (!file) {
    const error = new Error("Cannot find module '" + handler.slice(0, at) + "'");
    throw Object.assign(error, { name: "Runtime.ImportModuleError" });
  }
  const module = await import(pathToFileURL(file));
  const run = module[handler.slice(at + 1)] ?? module.default?.[handler.slice(at + 1)];
  if (typeof run !== "function") {
    const error = new Error(handler + " is undefined or not exported");
    throw Object.assign(error, { name: "Runtime.HandlerNotFound" });
  }
  const context = {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    awsRequestId: process.env.DROPS_SANDBOX_REQUEST,
    getRemainingTimeInMillis: () => Number(process.env.DROPS_SANDBOX_DEADLINE) - Date.now(),
  };
  const value = await run(JSON.parse(readFileSync(event, "utf8")), context);
  say({ value: value === undefined ? null : value });
} catch (error) {
  const trace = String(error?.stack ?? "").split("\\n").filter(Boolean);
  say({ error: { errorType: error?.name ?? "Error", errorMessage: error?.message ?? String(error), trace } });
  console.error(error);
}
process.exit(0);
`;

/** Puts a function's code where it finds its SDK; returns the directory of the code. */
export function unpack(
  directory: string,
  name: string,
  files: Readonly<Record<string, string>>,
): { readonly code: string; readonly runner: string } {
  const sdk = join(directory, "node_modules/@aws-sdk/client-ecs");
  const manifest = { name: "@aws-sdk/client-ecs", type: "module", exports: "./index.js" };
  writeAtOnce(join(sdk, "package.json"), JSON.stringify(manifest), 0o600);
  writeAtOnce(join(sdk, "index.js"), client, 0o600);
  writeAtOnce(join(directory, "runner.mjs"), runner, 0o600);
  const hash = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 12);
  const code = join(directory, `${name}-${hash}`);
  mkdirSync(code, { recursive: true, mode: 0o700 });
  for (const [path, text] of Object.entries(files)) {
    const place = normalize(join(code, path));
    if (!place.startsWith(`${code}/`)) throw new Error(`${path} leads out of the archive`);
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    writeAtOnce(place, text, 0o600);
  }
  return { code, runner: join(directory, "runner.mjs") };
}
