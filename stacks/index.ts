import type { AlarmPlanning } from "../components/alarms/plan";
import type { SealedSecrets } from "../components/compute/appSecrets";
import type { ReadSettings } from "../config";
import { composeEdge } from "./edge";
import { composeLarge } from "./large";
import { composeMedium, sealedSecretsOutput } from "./medium";
import { ownOutput } from "./ownOutputs";
import { composeSmall } from "./small";

/** A composed stack: what it tells the outside, and the alarms behind it. */
export interface Composed {
  readonly outputs: object;
  readonly planning: AlarmPlanning;
}

/** The app's secrets as the platform told them after the last deploy. */
async function ownSecrets(): Promise<SealedSecrets> {
  return ((await ownOutput(sealedSecretsOutput)) ?? {}) as SealedSecrets;
}

/** Composes the stack that the settings ask for. */
export async function composeStack({ stack, settings }: ReadSettings): Promise<Composed> {
  switch (settings.tier) {
    case "small":
      return composeSmall(stack, settings);
    case "medium":
      return composeMedium(stack, settings, await ownSecrets());
    case "large":
      return composeLarge(stack, settings);
    case "edge":
      return { outputs: composeEdge(settings), planning: { alarms: [], uncovered: [] } };
  }
}
