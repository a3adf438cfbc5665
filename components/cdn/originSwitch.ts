import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { type Override, withOverride } from "../overrides";
import type { CloudflareEdgeSpec, EdgeOrigin } from "./edgeSpec";
import { hostIs } from "./expressions";
import { renderOriginSnippet, snippetFile, snippetName } from "./originSnippet";

/** Changes to the arguments of the switch's children, applied last. */
export interface OriginSwitchOverrides {
  readonly snippet?: Override<cloudflare.SnippetArgs>;
  readonly snippetRules?: Override<cloudflare.SnippetRulesArgs>;
}

/**
 * What leads every request of the host to the live stack's origin. A change of the origin is one
 * update of one resource, and nothing of the record: that could only lead to a host of its own zone,
 * and App Platform answers to no other name than its own.
 */
export function originSwitch(
  name: string,
  spec: CloudflareEdgeSpec,
  origin: pulumi.Input<EdgeOrigin>,
  overrides: OriginSwitchOverrides,
  opts: {
    readonly parent: pulumi.Resource;
    readonly dependsOn: readonly pulumi.Resource[];
  },
): readonly pulumi.Resource[] {
  const { parent, dependsOn } = opts;
  const snippet = new cloudflare.Snippet(
    `${name}-snippet`,
    withOverride<cloudflare.SnippetArgs>(
      {
        zoneId: spec.zoneId,
        snippetName,
        files: [
          {
            name: snippetFile,
            // The origin's secret is in it.
            content: pulumi.secret(pulumi.output(origin).apply(renderOriginSnippet)),
          },
        ],
        metadata: { mainModule: snippetFile },
      },
      overrides.snippet,
    ),
    { parent, dependsOn: [...dependsOn] },
  );
  // The zone has one list of these rules: others that were made by hand go.
  const rules = new cloudflare.SnippetRules(
    `${name}-snippet-rules`,
    withOverride<cloudflare.SnippetRulesArgs>(
      {
        zoneId: spec.zoneId,
        rules: [
          {
            snippetName,
            description: "Drops: every request of the public host, from the live stack's origin",
            enabled: true,
            expression: hostIs(spec.domain),
          },
        ],
      },
      overrides.snippetRules,
    ),
    { parent, dependsOn: [snippet] },
  );
  return [snippet, rules];
}
