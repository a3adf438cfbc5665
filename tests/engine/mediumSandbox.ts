import type { TestSandbox } from "./fixture";
import { imagesIn } from "./images";
import { stackIn } from "./stackSandbox";

/** What a medium stack has on this machine, and images of the app that are not as they should be. */
export function mediumIn(sandbox: TestSandbox) {
  const stack = stackIn(sandbox, "medium");
  return {
    ...stack,
    /** Numbers of the processes of a component. */
    pids: async (component = "web"): Promise<readonly (number | undefined)[]> =>
      (await stack.services(`${component} instance`)).map(({ pid }) => pid),
    image: imagesIn(sandbox, "registry.digitalocean.com/sandbox/drops"),
  };
}
