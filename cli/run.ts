import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { version } from "../package.json";
import { Interrupted } from "../sandbox/lifecycle/interrupted";
import { CallError, exitCodeOf, exitCodes, type ExitCode } from "./exit";

// A dynamic import() would go round the transpiler, which hooks require alone.
const load = createRequire(__filename);

const formats = ["text", "json"] as const;
type Format = (typeof formats)[number];

const help = `drops ${version}: the Drops app in three tiers

Usage
  npx drops preview [stack…] [options]   compose stacks in this process: no account, no engine
  npx drops sandbox <verb> [tier]        the real engine on an embedded cloud: npx drops sandbox help
  npx drops engine                       find or build the Pulumi engine; its path, version, origin
  npx drops host render <stack>          print the cloud-init document that a server gets
  npx drops help

Options of preview
  --format text|json   for people (default) or for programs (docs/schema/preview.schema.json)
  --out FILE           write there instead of to standard output
  --set KEY=VALUE      change a setting for this run, e.g. --set vps.size=s-4vcpu-8gb; repeatable
  --debug              show the stack trace of an error

A stack is a file Pulumi.<stack>.yaml; without a name, every deployable one is previewed.
Exit codes: 0 pass, 1 warnings, 2 failed or refused, 3 could not be completed, 130 interrupted.
`;

/** Runs one command. Output goes to standard output, everything about the run to standard error. */
export async function run(args: readonly string[]): Promise<number> {
  const debug = args.includes("--debug");
  try {
    const [command = "help", ...rest] = args.filter((arg) => arg !== "--debug");
    switch (command) {
      case "preview":
        return await previewCommand(rest);
      case "host":
        return await hostCommand(rest);
      case "sandbox":
        return await sandbox(rest);
      case "engine":
        return await engineCommand(rest);
      case "help":
      case "--help":
      case "-h":
        process.stdout.write(help);
        return exitCodes.pass;
      case "version":
      case "--version":
        process.stdout.write(`${version}\n`);
        return exitCodes.pass;
      default:
        throw new CallError(
          `"${command}" is no command; the commands are preview, sandbox, engine, host, help`,
        );
    }
  } catch (error) {
    return failure(error, debug);
  }
}

async function previewCommand(args: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parsed(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: "string", default: "text" },
        out: { type: "string" },
        set: { type: "string", multiple: true, default: [] },
        help: { type: "boolean", short: "h", default: false },
      },
    }),
  );
  if (values.help) {
    process.stdout.write(help);
    return exitCodes.pass;
  }
  const format = values.format as Format;
  if (!formats.includes(format)) {
    throw new CallError(`--format takes ${formats.join(" or ")}, not "${format}"`);
  }
  // Loaded only now: help and a mistyped option answer at once.
  const { deployableStacks, preview, renderText, verdict } = load(
    "../report",
  ) as typeof import("../report");

  const stacks = positionals.length > 0 ? positionals : deployableStacks();
  const reports = [];
  for (const stack of stacks) reports.push(await preview(stack, values.set));

  const [only] = reports;
  const output =
    format === "json"
      ? `${JSON.stringify(reports.length === 1 ? only : reports, null, 2)}\n`
      : reports.map((report) => renderText(report, process.stdout.isTTY)).join("\n");
  if (values.out === undefined) process.stdout.write(output);
  else writeOut(values.out, output);
  return Math.max(...reports.map((report) => exitCodes[verdict(report)])) as ExitCode;
}

async function hostCommand([verb, stack, ...rest]: readonly string[]): Promise<ExitCode> {
  if (verb !== "render" || stack === undefined || rest.length > 0) {
    throw new CallError("host takes: drops host render <stack>");
  }
  const { renderHost } = load("../report") as typeof import("../report");
  process.stdout.write(await renderHost(stack));
  return exitCodes.pass;
}

async function sandbox(args: readonly string[]): Promise<ExitCode> {
  const { sandboxCommand } = load("./sandbox") as typeof import("./sandbox");
  return await sandboxCommand(args);
}

async function engineCommand(args: readonly string[]): Promise<ExitCode> {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(help);
    return exitCodes.pass;
  }
  if (args.length > 0) throw new CallError("engine takes no arguments");
  const { engineReport, resolveEngine } = load(
    "../sandbox/engine",
  ) as typeof import("../sandbox/engine");
  const engine = await resolveEngine({
    onProgress: (line) => {
      process.stderr.write(`drops: ${line}\n`);
    },
  });
  process.stdout.write(engineReport(engine));
  return exitCodes.pass;
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new CallError(error instanceof Error ? error.message : String(error));
  }
}

function writeOut(path: string, output: string): void {
  try {
    writeFileSync(path, output);
  } catch (error) {
    throw new CallError(`--out: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** One answer for each kind of failure: a stack trace only when it is asked for. */
function failure(error: unknown, debug: boolean): number {
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof Error ? error.name : "";
  if (debug && error instanceof Error) process.stderr.write(`${error.stack ?? ""}\n`);
  if (error instanceof Interrupted) {
    process.stderr.write(`drops: ${message}\n`);
    return exitCodeOf(error.signal);
  }
  if (error instanceof CallError) {
    process.stderr.write(`drops: ${message}\nSee: npx drops help\n`);
    return exitCodes.failed;
  }
  if (name === "ConfigProblems" || name === "UsageError") {
    process.stderr.write(`drops: ${message}\n`);
    return exitCodes.failed;
  }
  process.stderr.write(
    `drops: could not be completed: ${message}\nRun it again with --debug for the stack trace.\n`,
  );
  return exitCodes.incomplete;
}
