import { z } from "zod";
import { CloudError, type Kind, type Made, type Operation } from "../cloud/kind";
import { connection, dial } from "./dial";

const text = z.string().optional();

const inputs = z.object({
  connection,
  ...{ create: text, update: text, delete: text, stdin: text },
  environment: z.record(z.string(), z.string()).optional(),
  triggers: z.array(z.unknown()).optional(),
  logging: z.enum(["stdout", "stderr", "stdoutAndStderr", "none"]).optional(),
  addPreviousOutputInEnv: z.boolean().optional(),
});
type Inputs = z.infer<typeof inputs>;

/** A command that runs on a server over SSH, each time that its inputs change. */
export const remoteCommand: Kind = {
  type: "command:remote:Command",
  inputs,
  sensitive: ["connection", "stdin", "environment"],
  immutable: ["triggers"],
  defaults: { addPreviousOutputInEnv: true },
  idStyle: "hex",
  create: async (operation) => await run(operation, (operation.inputs as Inputs).create),
  update: async (operation) => {
    const { create, update } = operation.inputs as Inputs;
    return await run(operation, update ?? create);
  },
  delete: async (operation) => {
    await run(operation, (operation.inputs as Inputs).delete);
  },
};

async function run(
  { cloud, inputs: given }: Operation,
  command: string | undefined,
): Promise<Made> {
  if (command === undefined) return {};
  const { connection: to, stdin = "", environment = {} } = given as Inputs;
  const { droplet, user } = dial(cloud.world, to);
  // PULUMI_COMMAND_STDOUT and _STDERR are refused like any other, which the provider lets pass.
  for (const name of Object.keys(environment)) requireAccepted(name);
  const result = await cloud.services.hosts.run({
    ...{ id: droplet.id, user, command, stdin, environment },
  });
  const { status, stdout, stderr } = result;
  if (status !== 0) {
    throw new CloudError(
      500,
      `Process exited with status ${status}: running ${JSON.stringify(command)}:\n${stdout}${stderr}`,
    );
  }
  return { outputs: { stdout: withoutLastNewline(stdout), stderr: withoutLastNewline(stderr) } };
}

/** Debian's SSH server takes no other variables (`AcceptEnv LANG LC_*`). */
function requireAccepted(name: string): void {
  if (name === "LANG" || name.startsWith("LC_")) return;
  throw new CloudError(
    500,
    `could not set environment variable "${name}": ssh: setenv failed (the server accepts LANG and LC_* alone: write it before the command)`,
  );
}

const withoutLastNewline = (output: string): string => output.replace(/\n$/, "");
