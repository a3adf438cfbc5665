import { appLimits } from "../../prices/digitalocean";
import { appName } from "../names";
import type { Problem } from "../problems";

/** Whether App Platform takes the name that the stack gives its app. */
export function appNameProblems(stack: string): Problem[] {
  const name = appName(stack);
  const { high } = appLimits.nameLength;
  if (name.length <= high && !name.endsWith("-")) return [];
  return [
    {
      key: "the stack's name",
      got: JSON.stringify(stack),
      allowed: `up to ${high - appName("").length} characters, the last a letter or digit: the app is called ${appName("")}<stack>, and App Platform takes ${high}`,
      fix: "pulumi stack rename prod",
    },
  ];
}
