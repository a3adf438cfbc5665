import * as pulumi from "@pulumi/pulumi";
import type { EdgeOrigin } from "../components/cdn/edgeSpec";
import type { TierOutputs } from "./outputs";

const output = "edgeOrigin" satisfies keyof TierOutputs;

/**
 * Where the live stack's app is fetched from: the one thing that the `edge` stack asks of another. A
 * stack that is not there the engine refuses by its full name ("unknown stack"), at the resource
 * `live`.
 */
export function liveEdgeOrigin(stack: string): pulumi.Output<EdgeOrigin> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`;
  const live = new pulumi.StackReference("live", { name });
  // Not `requireOutput`, whose refusal is a stack trace that says nothing of what to do.
  return pulumi.secret(live.outputs.apply((outputs) => originIn(stack, outputs)));
}

/** @throws RunError where the stack does not say it. */
export function originIn(stack: string, outputs: unknown): EdgeOrigin {
  const found = (outputs as Readonly<Record<string, unknown>> | undefined)?.[output];
  if (!isOrigin(found)) {
    throw new pulumi.RunError(
      `stack "${stack}" has no output "${output}": drops:live names no tier's stack, or one that an ` +
        `older version of this program deployed; run pulumi up --stack ${stack}`,
    );
  }
  if (found.host === "") {
    throw new pulumi.RunError(
      `stack "${stack}" is not reached through Cloudflare: it has no domain there; set drops:domain ` +
        `and drops:cloudflare of it, or let drops:live name another stack`,
    );
  }
  return found;
}

function isOrigin(value: unknown): value is EdgeOrigin {
  if (typeof value !== "object" || value === null) return false;
  const { host, secret } = value as Readonly<Record<string, unknown>>;
  return typeof host === "string" && typeof secret === "string";
}
