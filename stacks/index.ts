import type { AlarmPlanning } from "../components/alarms/plan";
import type { ReadSettings } from "../config";
import { composeEdge } from "./edge";
import { composeSmall } from "./small";

/** A composed stack: what it tells the outside, and the alarms behind it. */
export interface Composed {
  readonly outputs: object;
  readonly planning: AlarmPlanning;
}

/** Composes the stack that the settings ask for. */
export function composeStack({ stack, settings }: ReadSettings): Composed {
  switch (settings.tier) {
    case "small":
      return composeSmall(stack, settings);
    case "edge":
      return { outputs: composeEdge(settings), planning: { alarms: [], uncovered: [] } };
  }
}
