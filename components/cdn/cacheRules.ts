import type { CloudflareEdgeSpec, EdgeRuleset } from "./edgeSpec";
import { assetsOf } from "./expressions";

const YEAR_SECONDS = 31_536_000;

/** Which answers the edge may keep. */
export function cacheRuleset(spec: CloudflareEdgeSpec): EdgeRuleset {
  return {
    name: "Drops cache",
    phase: "http_request_cache_settings",
    description: "What the edge may keep; everything else goes to the origin.",
    rules: [
      {
        ref: "drops_cache_assets",
        description: "Assets may be kept; for how long, the answer decides",
        enabled: true,
        expression: assetsOf(spec.domain),
        action: "set_cache_settings",
        actionParameters: {
          cache: true,
          edgeTtl: { mode: "respect_origin" },
          browserTtl: { mode: "respect_origin" },
        },
      },
    ],
  };
}

/**
 * A lifetime set by the request alone would also hold for what is asked too early: a 404 in the
 * middle of a release, or the page that an app answers instead of a file it does not have.
 */
export function cacheResponseRuleset(spec: CloudflareEdgeSpec): EdgeRuleset {
  const page = `any(http.response.headers["content-type"][*] contains "text/html")`;
  const set = { operation: "set", cloudflareOnly: false };
  return {
    name: "Drops cache lifetimes",
    phase: "http_response_cache_settings",
    description: "How long the edge and browsers keep an asset.",
    rules: [
      {
        ref: "drops_keep_assets",
        description: "Files for a year, at the edge and in browsers",
        enabled: true,
        expression: `${assetsOf(spec.domain)} and http.response.code in {200 206 304} and not ${page}`,
        action: "set_cache_control",
        actionParameters: {
          public: set,
          maxAge: { ...set, value: YEAR_SECONDS },
          immutable: set,
        },
      },
      {
        ref: "drops_keep_no_errors",
        description: "Errors, and pages in place of a file, not at all",
        enabled: true,
        expression: `${assetsOf(spec.domain)} and (http.response.code ge 400 or ${page})`,
        action: "set_cache_control",
        actionParameters: { noStore: set },
      },
    ],
  };
}
