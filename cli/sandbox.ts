import { createRequire } from "node:module";
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { UsageError } from "../report/stackFile";
import { parseFault, type Fault } from "../sandbox/cloud/faults";
import type { Outcome } from "../sandbox/lifecycle/engine";
import { Sandbox, sandboxTiers, type SandboxTier } from "../sandbox/lifecycle/sandbox";
import { siteOf, waitReady } from "../sandbox/lifecycle/site";
import { exitCodes, type ExitCode } from "./exit";

const sandboxHelp = `Usage
  npx drops sandbox up <tier>        bring the stack up on the embedded cloud, with the app in it
  npx drops sandbox preview <tier>   what an "up" would change
  npx drops sandbox refresh <stack>  take over what was changed or lost behind the engine's back
  npx drops sandbox destroy <stack>  delete the stack; protected resources only with --unprotect
  npx drops sandbox outputs <stack>  the stack's outputs as JSON
  npx drops sandbox status           what runs, where, and what is only recorded
  npx drops sandbox reset            end every process of the sandbox and delete its files

Tiers: ${sandboxTiers.join(", ")}. No account, no cloud: the real Pulumi engine on this machine.

Options
  --stack NAME       (up, preview) a stack of that name, beside others (default: the tier's)
  --set KEY=VALUE    a setting on top of the stack's file; repeatable, and given each time
  --unprotect        (destroy) delete what is protected too: lifts the protection in the stack's state
                     and the cloud's own guards against deletion
  --show-secrets     (outputs) show secrets in plain
  --json             (status) for programs; exit code 1 where stacks are there and no cloud runs
  --fail OP:TYPE[@N][=error|429|half|crash]   make the Nth such operation fail, e.g.
                     create:digitalocean:index/databaseCluster:DatabaseCluster@1
  --delay OP:TYPE[@N]=SECONDS                 make it slow
  --dir DIR          keep everything there instead of in .sandbox
`;

// A dynamic import() would go round the transpiler, which hooks require alone.
const load = createRequire(__filename);

/** What each verb is called on, and the options that mean something to it, beside --dir. */
const verbs = {
  up: { on: "tier", options: ["stack", "set", "fail", "delay"] },
  preview: { on: "tier", options: ["stack", "set"] },
  refresh: { on: "stack", options: ["fail", "delay"] },
  destroy: { on: "stack", options: ["unprotect", "fail", "delay"] },
  outputs: { on: "stack", options: ["show-secrets"] },
  status: { on: "nothing", options: ["json"] },
  reset: { on: "nothing", options: [] },
} as const satisfies Record<string, { on: string; options: readonly string[] }>;
type Verb = keyof typeof verbs;

const options = {
  stack: { type: "string" },
  set: { type: "string", multiple: true },
  unprotect: { type: "boolean" },
  "show-secrets": { type: "boolean" },
  json: { type: "boolean" },
  fail: { type: "string", multiple: true },
  delay: { type: "string", multiple: true },
  dir: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

const say = (line: string): void => {
  process.stderr.write(`drops: ${line}\n`);
};

export async function sandboxCommand(args: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = read(args);
  const [given, name, ...rest] = positionals;
  if (values.help || given === undefined || given === "help") {
    process.stdout.write(sandboxHelp);
    return exitCodes.pass;
  }
  const verb = verbOf(given);
  requireFitting(verb, values, name, rest);
  const sandbox = new Sandbox({
    say,
    ...(values.dir !== undefined && { directory: values.dir }),
  });
  if (verb === "status") return await status(sandbox, values.json === true);
  if (verb === "reset") {
    await sandbox.reset();
    return exitCodes.pass;
  }
  const faults = faultsOf(values);
  if (verb === "up" || verb === "preview") {
    const tier = tierOf(verb, name);
    const choice = { tier, stack: values.stack ?? tier, set: values.set ?? [] };
    return verb === "up" ? await up(sandbox, choice, faults) : ended(await sandbox.preview(choice));
  }
  const stack = name ?? refuse(`${verb} takes the name of a stack: drops sandbox ${verb} small`);
  switch (verb) {
    case "refresh":
      return ended(await sandbox.refresh(stack, faults));
    case "outputs":
      return ended(await sandbox.outputs(stack, values["show-secrets"] === true));
    case "destroy":
      return ended(await sandbox.destroy(stack, { unprotect: values.unprotect === true, faults }));
  }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    // The rest of it is advice for another case.
    const [what = ""] = (error instanceof Error ? error.message : String(error)).split(". ");
    const known = Object.keys(options).map((name) => `--${name}`);
    return refuse(`${what}; the options are ${known.join(", ")}`);
  }
}

/** A mistake in the call: exit code 2. */
function refuse(problem: string): never {
  throw new UsageError(`sandbox: ${problem}\nSee: npx drops sandbox help`);
}

function verbOf(text: string): Verb {
  if (Object.hasOwn(verbs, text)) return text as Verb;
  return refuse(`"${text}" is no verb; the verbs are ${Object.keys(verbs).join(", ")}`);
}

/** What means nothing to a verb is a mistake: whoever wrote it expected something of it. */
function requireFitting(
  verb: Verb,
  values: Readonly<Record<string, unknown>>,
  name: string | undefined,
  rest: readonly string[],
): void {
  const fitting: readonly string[] = [...verbs[verb].options, "dir"];
  const [stray] = Object.keys(values).filter((option) => !fitting.includes(option));
  if (stray !== undefined) {
    const takes = fitting.map((option) => `--${option}`).join(", ");
    refuse(`${verb} has no option --${stray}; it takes ${takes}`);
  }
  if (values["dir"] === "") refuse("--dir is empty; name a directory, or leave it out");
  const most = verbs[verb].on === "nothing" ? 0 : 1;
  const names = name === undefined ? rest : [name, ...rest];
  if (names.length > most) {
    const takes = most === 0 ? "no name" : `one ${verbs[verb].on}`;
    refuse(`${verb} takes ${takes}, got ${names.join(" ")}`);
  }
}

function tierOf(verb: Verb, text: string | undefined): SandboxTier {
  const tier = sandboxTiers.find((known) => known === text);
  if (tier) return tier;
  const choice = `the tiers that run in the sandbox are ${sandboxTiers.join(", ")}`;
  if (text === undefined) return refuse(`${verb} takes a tier; ${choice}`);
  return refuse(`"${text}" is no tier; ${choice}`);
}

function faultsOf({
  fail = [],
  delay = [],
}: {
  readonly fail?: readonly string[] | undefined;
  readonly delay?: readonly string[] | undefined;
}): readonly Fault[] {
  const faults = [
    ...fail.map((text) => parseFault(text, "fail")),
    ...delay.map((text) => parseFault(text, "delay")),
  ];
  // Large tables: only whoever makes something fail waits for them.
  if (faults.length > 0) {
    const { requireKnown } = load(
      "../sandbox/cloud/knownTypes",
    ) as typeof import("../sandbox/cloud/knownTypes");
    faults.forEach(requireKnown);
  }
  return faults;
}

async function up(
  sandbox: Sandbox,
  choice: Parameters<Sandbox["up"]>[0],
  faults: Parameters<Sandbox["up"]>[1],
): Promise<ExitCode> {
  if ((await sandbox.up(choice, faults)) === "failed") return exitCodes.failed;
  const cloud = await sandbox.running();
  const site = cloud && (await siteOf(cloud, sandbox.places, choice.stack));
  if (!site) return exitCodes.pass;
  const { ready, answer } = await waitReady(site, sandbox.places);
  if (!ready) {
    say(`${site.url} is not ready: ${answer}\ndrops: see npx drops sandbox status`);
    return exitCodes.failed;
  }
  const certificate = relative(process.cwd(), sandbox.places.certificate);
  const trust = site.tls
    ? `  Its certificate is the sandbox's own; trust ${certificate}, or accept it in the browser:\n` +
      `  curl --cacert ${certificate} ${site.url}/readyz\n`
    : "";
  process.stdout.write(
    `\nDrops runs: ${site.url}\n${trust}` +
      "  npx drops sandbox status       what runs, and what is only recorded\n" +
      `  npx drops sandbox destroy ${choice.stack} --unprotect\n`,
  );
  return exitCodes.pass;
}

/** A cloud that is gone is a warning: the stacks are there, and nothing of them answers. */
async function status(sandbox: Sandbox, json: boolean): Promise<ExitCode> {
  const { text, facts } = await sandbox.status();
  process.stdout.write(json ? `${JSON.stringify(facts, null, 2)}\n` : text);
  return facts.running || facts.stacks.length === 0 ? exitCodes.pass : exitCodes.warnings;
}

const ended = (outcome: Outcome): ExitCode =>
  outcome === "done" ? exitCodes.pass : exitCodes.failed;
