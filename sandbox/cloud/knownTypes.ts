import { UsageError } from "../../report/stackFile";
import { aws } from "../aws";
import { cloudflare } from "../cloudflare";
import { command } from "../command";
import { digitalocean } from "../digitalocean";
import { random } from "../random";
import type { Fault } from "./faults";
import type { Kind, Provider } from "./kind";

export const providers: readonly Provider[] = [digitalocean, cloudflare, aws, command, random];

/** Every type of resource that the embedded cloud has, by its token. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  providers.flatMap((provider) => provider.kinds.map((kind) => [kind.type, kind] as const)),
);

/** @throws UsageError where the fault could never happen. */
export function requireKnown({ type }: Fault): void {
  if (kinds.has(type)) return;
  throw new UsageError(
    `the embedded cloud has no type ${type}, so it cannot fail or be slow; the types are ` +
      [...kinds.keys()].sort().join(", "),
  );
}
