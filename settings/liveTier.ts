import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { cloudflarePlans } from "../prices/cloudflare";
import { stackKinds } from "../tiers/types";

/** What another stack's file says of it, as far as its edge must know. */
export interface StackFacts {
  /** By the stack's file, else by its name; undefined where neither says. */
  readonly tier: string | undefined;
  /** Whether it is made to be fetched by a snippet, with the secret that only a snippet sends. */
  readonly behindSnippet: boolean;
}

/**
 * Another stack, by its file in a project.
 *
 * @param root The project's directory. @default this checkout
 */
export function factsOfStack(stack: string, root: string = join(__dirname, "..")): StackFacts {
  const named = (stackKinds as readonly string[]).includes(stack) ? stack : undefined;
  const config = configIn(join(root, `Pulumi.${stack}.yaml`));
  const tier = typeof config["drops:tier"] === "string" ? config["drops:tier"] : named;
  const { plan } = (config["drops:cloudflare"] ?? {}) as { readonly plan?: unknown };
  const hasSnippets =
    typeof plan === "string" &&
    Object.hasOwn(cloudflarePlans, plan) &&
    cloudflarePlans[plan as keyof typeof cloudflarePlans].snippets > 0;
  // App Platform is reached in no other way; large where its own plan says so.
  return { tier, behindSnippet: tier === "medium" || (tier === "large" && hasSnippets) };
}

function configIn(path: string): Readonly<Record<string, unknown>> {
  try {
    const file = parse(readFileSync(path, "utf8")) as {
      readonly config?: Readonly<Record<string, unknown>>;
    } | null;
    return file?.config ?? {};
  } catch {
    // Not every stack has its file here, and one that cannot be read is for its own preview to tell.
    return {};
  }
}
