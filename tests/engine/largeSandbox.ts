import type { ServiceStatus } from "../../sandbox/contracts";
import { eventually, type TestSandbox } from "./fixture";
import { imagesIn } from "./images";
import { stackIn } from "./stackSandbox";

/** What a large stack has on this machine. */
export function largeIn(sandbox: TestSandbox, stack = "large") {
  const shared = stackIn(sandbox, stack);
  const tasks = async (service = "web"): Promise<readonly ServiceStatus[]> =>
    await shared.services(`drops-${stack}-${service} task`);
  return {
    ...shared,
    tasks,
    /** Numbers of the processes of a service. */
    pids: async (service = "web"): Promise<readonly (number | undefined)[]> =>
      (await tasks(service)).map(({ pid }) => pid),
    /** Zones that a service's tasks are in. */
    zones: async (service = "web"): Promise<readonly string[]> =>
      (await tasks(service)).map(({ detail = "" }) => / in ([a-z0-9-]+);/.exec(detail)?.[1] ?? ""),
    allRunning: async (count: number): Promise<void> => {
      await eventually(
        async () => (await tasks()).map(({ state }) => state),
        (states) => states.length === count && states.every((state) => state === "running"),
      );
    },
    image: imagesIn(sandbox, "ghcr.io/sandbox/drops"),
  };
}
