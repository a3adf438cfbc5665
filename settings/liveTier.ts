import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { stackKinds } from "../tiers/types";

/**
 * The tier of a stack, as far as this checkout knows: by the stack's file, else by its name. Undefined
 * where neither says.
 */
export function tierOfStack(stack: string): string | undefined {
  const named = (stackKinds as readonly string[]).includes(stack) ? stack : undefined;
  try {
    const text = readFileSync(join(__dirname, "..", `Pulumi.${stack}.yaml`), "utf8");
    const file = parse(text) as { readonly config?: Readonly<Record<string, unknown>> } | null;
    const tier = file?.config?.["drops:tier"];
    return typeof tier === "string" ? tier : named;
  } catch {
    // Not every stack has its file here, and one that cannot be read is for its own preview to tell.
    return named;
  }
}
