import { ConfigError } from "./env";
import { scrubber } from "./log";
import { Refused } from "./refused";

/** Prints one line of a program. */
export type Say = (line: string) => void;

/** A program that does one thing and ends. */
export interface Tool<C extends { readonly secrets: readonly string[] }> {
  readonly name: string;
  readonly usage: string;
  /** Arguments that it knows beside `--help`. */
  readonly flags: readonly string[];
  readonly read: (env: NodeJS.ProcessEnv) => C;
  /** Resolves to the exit code. */
  readonly work: (config: C, flags: readonly string[], say: Say) => Promise<number>;
}

/** Exit 2 where it is refused or fails, with the reason on one line and no secret in it. */
export function runTool<C extends { readonly secrets: readonly string[] }>(tool: Tool<C>): void {
  ended(tool, process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      const known = error instanceof ConfigError;
      process.stderr.write(`${tool.name}: ${known ? error.message : String(error)}\n`);
      process.exitCode = 2;
    },
  );
}

async function ended<C extends { readonly secrets: readonly string[] }>(
  { name, usage, flags, read, work }: Tool<C>,
  args: readonly string[],
): Promise<number> {
  if (args.some((arg) => !flags.includes(arg))) {
    const asked = args.includes("--help");
    (asked ? process.stdout : process.stderr).write(`${usage}\n`);
    return asked ? 0 : 2;
  }
  const config = read(process.env);
  const say: Say = (line) => process.stdout.write(`${name}: ${line}\n`);
  try {
    return await work(config, args, say);
  } catch (error) {
    const clean = scrubber(config.secrets);
    const verb = error instanceof Refused ? "refused" : "failed";
    process.stderr.write(clean(`${name}: ${verb}: ${reasonOf(error)}\n`));
    return 2;
  }
}

/** With what Postgres says beside its message; several attempts to connect have a reason each. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  const { detail } = error as { detail?: unknown };
  return typeof detail === "string" ? `${error.message} (${detail})` : error.message;
}
