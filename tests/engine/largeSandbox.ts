import type { ServiceStatus } from "../../sandbox/contracts";
import { feedAt } from "./feed";
import { eventually, type TestSandbox } from "./fixture";
import { imagesIn } from "./images";

/** What a large stack has on this machine. */
export function largeIn(sandbox: TestSandbox, stack = "large") {
  const { cloud, drops } = sandbox;
  const services = async (what: string): Promise<readonly ServiceStatus[]> =>
    (await (await cloud()).status()).services.filter((service) => service.what.includes(what));
  const tasks = (service = "web") => services(`drops-${stack}-${service} task`);
  return {
    services,
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
    outputs: async (): Promise<Readonly<Record<string, unknown>>> =>
      JSON.parse((await drops("sandbox", "outputs", stack)).stdout) as Record<string, unknown>,
    /** The feed as one task tells it, past everything that stands before it. */
    feedOf: (port: number) => feedAt(`ws://127.0.0.1:${port}/ws`),
  };
}
