// Runs a handler once, as Lambda's runtime does: `runner.mjs CODE HANDLER EVENT RESULT`. It is copied
// beside the function's code.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [code, handler, event, result] = process.argv.slice(2);
const say = (value) => writeFileSync(result, JSON.stringify(value));

function fileOf(name) {
  const file = [".mjs", ".js", ".cjs"].map((end) => join(code, name + end)).find(existsSync);
  if (file) return file;
  throw Object.assign(new Error(`Cannot find module '${name}'`), {
    name: "Runtime.ImportModuleError",
  });
}

try {
  const at = handler.lastIndexOf(".");
  const [file, name] = [fileOf(handler.slice(0, at)), handler.slice(at + 1)];
  const module = await import(pathToFileURL(file));
  const run = module[name] ?? module.default?.[name];
  if (typeof run !== "function") {
    throw Object.assign(new Error(`${handler} is undefined or not exported`), {
      name: "Runtime.HandlerNotFound",
    });
  }
  const context = {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    awsRequestId: process.env.DROPS_SANDBOX_REQUEST,
    getRemainingTimeInMillis: () => Number(process.env.DROPS_SANDBOX_DEADLINE) - Date.now(),
  };
  const value = await run(JSON.parse(readFileSync(event, "utf8")), context);
  say({ value: value === undefined ? null : value });
} catch (error) {
  const trace = String(error?.stack ?? "")
    .split("\n")
    .filter(Boolean);
  const errorMessage = error?.message ?? String(error);
  say({ error: { errorType: error?.name ?? "Error", errorMessage, trace } });
  console.error(error);
}
process.exit(0);
