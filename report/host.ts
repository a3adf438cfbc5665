import { compose } from "./compose";
import { readStackFile, UsageError } from "./stackFile";

const droplet = "digitalocean:index/droplet:Droplet";

/** The cloud-init document that a stack's server gets, exactly as it is registered. */
export async function renderHost(stack: string): Promise<string> {
  const { resources } = await compose(stack, readStackFile(stack));
  const server = resources.find(({ type }) => type === droplet);
  if (typeof server?.inputs.userData !== "string") {
    throw new UsageError(`stack ${stack} has no server`);
  }
  return server.inputs.userData;
}
