import { z } from "zod";
import { snippetLimits } from "../../prices/cloudflare";
import type { Kind, Operation } from "../cloud/kind";
import { snippetFault } from "../edge/snippets/snippetModule";
import { CloudflareError } from "./errors";
import { inZone, planOf, zoneOf } from "./zone";

export const snippetType = "cloudflare:index/snippet:Snippet";

const inputs = z.object({
  zoneId: z.string(),
  snippetName: z.string(),
  files: z.array(z.strictObject({ name: z.string(), content: z.string() })),
  metadata: z.strictObject({ mainModule: z.string() }),
});
type Inputs = z.infer<typeof inputs>;

/** JavaScript that the edge runs for the requests that a rule names. */
export const snippet: Kind = {
  type: snippetType,
  inputs,
  // What an origin trusts is in them.
  sensitive: ["files"],
  immutable: ["zoneId", "snippetName"],
  references: [inZone],
  unique: [["zoneId", "snippetName"]],
  // The provider's is the name alone, which two zones may share.
  idStyle: ({ zoneId, snippetName }) => `${String(zoneId)}/${String(snippetName)}`,
  inUse: (names) => `the snippet is still used by the rules ${names.join(", ")}`,
  refuse,
  create: () => {
    const now = new Date().toISOString();
    return { outputs: { createdOn: now, modifiedOn: now } };
  },
  update: () => ({ outputs: { modifiedOn: new Date().toISOString() } }),
};

/**
 * The rules are Cloudflare's (rules/snippets, rules/snippets/create-api); no source tells its words
 * but those about modules (terraform-provider-cloudflare issue 5017, 2025-01-31).
 */
function refuse({ cloud: { world }, id, inputs: given }: Operation): void {
  const { snippetName, files, metadata, ...rest } = given as Inputs;
  const plan = planOf(world, zoneOf(world, given));
  const most = plan.spec.snippets;
  if (most === 0) {
    throw new CloudflareError(undefined, `not entitled to use snippets (plan ${plan.id})`);
  }
  const others = world
    .all(snippetType)
    .filter((other) => other.id !== id && other.inputs["zoneId"] === rest.zoneId);
  if (others.length >= most) {
    throw new CloudflareError(
      undefined,
      `exceeded the maximum number of snippets: ${others.length + 1} out of ${most} (plan ${plan.id})`,
    );
  }
  if (!/^[a-z0-9_]+$/.test(snippetName)) {
    throw new CloudflareError(
      undefined,
      `the name of a snippet can only contain the characters a-z, 0-9, and _ (underscore), got "${snippetName}"`,
    );
  }
  const bytes = files.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  if (bytes > snippetLimits.packageKb * 1024) {
    throw new CloudflareError(
      undefined,
      `the snippet has ${bytes} bytes, more than the ${snippetLimits.packageKb} KB that a package may have`,
    );
  }
  const main = files.find(({ name }) => name === metadata.mainModule);
  if (!main) {
    throw new CloudflareError(
      undefined,
      `Uncaught Error: No such module "${metadata.mainModule}".`,
      "/metadata/main_module",
    );
  }
  const fault = snippetFault(main.content);
  if (fault !== undefined) throw new CloudflareError(undefined, fault, "/files");
}
