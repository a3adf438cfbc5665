import type { CloudClient } from "../cloud/client";
import type { Places } from "../places";
import { UsageError } from "../../report/stackFile";
import type { SandboxEngine } from "./engine";
import { lockHolders, readState } from "./state";

/**
 * Mends what an engine that was killed left behind: its lock, and creations whose outcome it did not
 * see. What the cloud did make is taken into the state, the rest is forgotten.
 *
 * @throws UsageError where another engine is at work on the stack.
 */
export async function repair(
  engine: SandboxEngine,
  { places, cloud, stack, say }: Repair,
): Promise<void> {
  const holders = lockHolders(places, stack);
  const working = holders.find(isAlive);
  if (working !== undefined) {
    throw new UsageError(
      `another engine (process ${working}) is at work on stack ${stack}: wait for it, or end it`,
    );
  }
  if (holders.length > 0) {
    say(`stack ${stack}: the engine before was killed; taking its lock away`);
    await required(engine, ["cancel", "--yes", "--stack", stack]);
  }
  const pending = readState(places, stack)?.pending ?? [];
  if (pending.length === 0) return;
  say(`stack ${stack}: ${pending.length} operations were interrupted; asking the cloud about them`);
  const exported = await required(engine, ["stack", "export", "--stack", stack]);
  const whole = JSON.parse(exported) as Exported;
  const { resources = [], pending_operations: operations = [] } = whole.deployment;
  const known = new Set(resources.map(({ id }) => id));
  for (const { type, resource } of operations) {
    if (type !== "creating") continue;
    const made = (await cloud.find(resource.urn)).find(({ id }) => !known.has(id));
    // What it was created after is in the state already, so the end is the right place.
    if (made) resources.push({ ...resource, id: made.id });
  }
  const deployment = { ...whole.deployment, resources, pending_operations: [] };
  const mended = JSON.stringify({ ...whole, deployment });
  await required(engine, ["stack", "import", "--stack", stack], mended);
  // What was changed or deleted without the engine seeing the end of it, and the outputs of the new.
  await required(engine, ["refresh", "--yes", "--skip-preview", "--stack", stack]);
}

/** A stack's state as the engine exports it; the rest of it passes through. */
interface Exported {
  readonly deployment: {
    readonly resources?: { readonly urn: string; readonly id?: string }[];
    readonly pending_operations?: readonly {
      readonly type: string;
      readonly resource: { readonly urn: string };
    }[];
  };
}

interface Repair {
  readonly places: Places;
  readonly cloud: CloudClient;
  readonly stack: string;
  readonly say: (line: string) => void;
}

async function required(
  engine: SandboxEngine,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const { status, stdout, stderr } = await engine.ask(args, input);
  if (status === 0) return stdout;
  throw new Error(`pulumi ${args[0] ?? ""} ended with ${status}:\n${stdout}${stderr}`);
}

function isAlive(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
