import type { CloudClient } from "../cloud/client";
import type { Places } from "../places";
import { builtApp, imageOf } from "./appBuild";
import type { Outcome } from "./engine";

/** Puts the reference app into use on a stack's server, built first where its source changed. */
export async function releaseApp(
  cloud: CloudClient,
  places: Places,
  stack: string,
  say: (line: string) => void,
): Promise<Outcome> {
  const { directory, version } = await builtApp(places, say);
  const { status, stdout, stderr } = await cloud.release(stack, directory, version);
  const told = `${stdout}${stderr}`.trim();
  if (told !== "") say(told);
  return status === 0 ? "done" : "failed";
}

/** Pushes the reference app's image, built first where its source changed; none where a tier has none. */
export async function pushApp(
  cloud: Pick<CloudClient, "registerImage">,
  places: Places,
  tier: string,
  say: (line: string) => void,
): Promise<void> {
  const image = imageOf(tier);
  if (image === undefined) return;
  const { directory } = await builtApp(places, say);
  await cloud.registerImage(image, directory);
}

/** Whether settings name an image, so that the checkout's own is not asked for. */
export const namesImage = (set: readonly string[]): boolean =>
  set.some((text) => /^(drops:)?image=/.test(text));
