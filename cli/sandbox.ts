import { relative } from "node:path";
import { parseArgs } from "node:util";
import { parseFault } from "../sandbox/cloud/faults";
import {
  Sandbox,
  sandboxTiers,
  type Outcome,
  type SandboxTier,
} from "../sandbox/lifecycle/sandbox";
import { siteOf, waitReady } from "../sandbox/lifecycle/site";
import { CallError, exitCodes, type ExitCode } from "./exit";

export const sandboxHelp = `Usage
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
  --unprotect        (destroy) delete what is protected too
  --show-secrets     (outputs) show secrets in plain
  --json             (status) for programs
  --fail OP:TYPE[@N][=error|429|half|crash]   make the Nth such operation fail, e.g.
                     create:digitalocean:index/databaseCluster:DatabaseCluster@1
  --delay OP:TYPE[@N]=SECONDS                 make it slow
  --dir DIR          keep everything there instead of in .sandbox
`;

const verbs = ["up", "preview", "refresh", "destroy", "outputs", "status", "reset"] as const;

const say = (line: string): void => {
  process.stderr.write(`drops: ${line}\n`);
};

export async function sandboxCommand(args: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = read(args);
  const [verb, tier, ...rest] = positionals;
  if (values.help || verb === undefined || verb === "help") {
    process.stdout.write(sandboxHelp);
    return exitCodes.pass;
  }
  if (!(verbs as readonly string[]).includes(verb)) {
    throw new CallError(`sandbox knows ${verbs.join(", ")}, not "${verb}"`);
  }
  const sandbox = new Sandbox({
    say,
    ...(values.dir !== undefined && { directory: values.dir }),
  });
  const alone = verb === "status" || verb === "reset";
  if (rest.length > 0 || (alone && tier !== undefined)) {
    throw new CallError(`sandbox ${verb} takes ${alone ? "no tier" : "one tier"}`);
  }
  if (verb === "status") return await status(sandbox, values.json);
  if (verb === "reset") {
    await sandbox.reset();
    return exitCodes.pass;
  }
  const faults = [
    ...values.fail.map((text) => parseFault(text, "fail")),
    ...values.delay.map((text) => parseFault(text, "delay")),
  ];
  const stack = values.stack ?? tier;
  if (stack === undefined)
    throw new CallError(`sandbox ${verb} wants a name: sandbox ${verb} small`);
  switch (verb) {
    case "up":
      return await up(sandbox, { tier: tierOf(tier), stack, set: values.set }, faults);
    case "preview":
      return ended(await sandbox.preview({ tier: tierOf(tier), stack, set: values.set }));
    case "refresh":
      return ended(await sandbox.refresh(stack, faults));
    case "outputs":
      return ended(await sandbox.outputs(stack, values["show-secrets"]));
    default:
      return ended(await sandbox.destroy(stack, { unprotect: values.unprotect, faults }));
  }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        stack: { type: "string" },
        set: { type: "string", multiple: true, default: [] },
        unprotect: { type: "boolean", default: false },
        "show-secrets": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        fail: { type: "string", multiple: true, default: [] },
        delay: { type: "string", multiple: true, default: [] },
        dir: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new CallError(error instanceof Error ? error.message : String(error));
  }
}

function tierOf(text: string | undefined): SandboxTier {
  const tier = sandboxTiers.find((known) => known === text);
  if (tier) return tier;
  const got = text === undefined ? "none was given" : `not "${text}"`;
  throw new CallError(`the sandbox takes the tiers ${sandboxTiers.join(", ")}; ${got}`);
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

async function status(sandbox: Sandbox, json: boolean): Promise<ExitCode> {
  const report = await sandbox.status();
  if (json) process.stdout.write(`${JSON.stringify(report?.facts ?? { stacks: [] }, null, 2)}\n`);
  else process.stdout.write(report?.text ?? "Nothing is up. Try: npx drops sandbox up small\n");
  return exitCodes.pass;
}

const ended = (outcome: Outcome): ExitCode =>
  outcome === "done" ? exitCodes.pass : exitCodes.failed;
