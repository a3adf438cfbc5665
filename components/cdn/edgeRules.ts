import {
  type CloudflarePlanSpec,
  cloudflarePlans,
  managedRulesetIds,
} from "../../prices/cloudflare";
import { cacheResponseRuleset, cacheRuleset } from "./cacheRules";
import type { CloudflareEdgeSpec, EdgeRuleset } from "./edgeSpec";
import { edgePaths, hostIs, literal, pathUnder } from "./expressions";
import { rateLimitRuleset } from "./rateLimitRules";
import { contentTypeOptions, headersIfAbsent } from "./securityHeaders";

/** Roles of the rulesets; each is the end of a logical name, kept for ever. */
export const rulesetRoles = [
  "cache",
  "cache-response",
  "redirect",
  "headers",
  "rate-limit",
  "managed-rules",
] as const;
export type RulesetRole = (typeof rulesetRoles)[number];

/**
 * Every ruleset of the edge. Each rule has a `ref`, so that editing one leaves the others' ids
 * alone. One rule beyond the plan fails its whole ruleset, so nothing here asks for more.
 */
export function edgeRulesets(spec: CloudflareEdgeSpec): Readonly<Record<RulesetRole, EdgeRuleset>> {
  const plan: CloudflarePlanSpec = cloudflarePlans[spec.plan];
  return {
    cache: cacheRuleset(spec),
    "cache-response": cacheResponseRuleset(spec),
    redirect: redirectRuleset(spec),
    headers: headersRuleset(spec),
    "rate-limit": rateLimitRuleset(spec),
    "managed-rules": managedRuleset(plan),
  };
}

function redirectRuleset(spec: CloudflareEdgeSpec): EdgeRuleset {
  return {
    name: "Drops redirects",
    phase: "http_request_dynamic_redirect",
    description: "Plain HTTP becomes HTTPS.",
    rules: [
      {
        ref: "drops_https",
        description: "HTTPS for everything but certificate challenges",
        enabled: true,
        expression: `not ssl and ${hostIs(spec.domain)} and not ${pathUnder(edgePaths.acme)}`,
        action: "redirect",
        actionParameters: {
          fromValue: {
            statusCode: 301,
            preserveQueryString: true,
            targetUrl: {
              expression: `concat(${literal(`https://${spec.domain}`)}, http.request.uri.path)`,
            },
          },
        },
      },
    ],
  };
}

function headersRuleset(spec: CloudflareEdgeSpec): EdgeRuleset {
  const absent = (name: string): string =>
    `not any(http.response.headers[${literal(name.toLowerCase())}][*] ne "")`;
  return {
    name: "Drops response headers",
    phase: "http_response_headers_transform",
    description: "Security headers. A page's own policy (CSP) is the app's to state.",
    rules: [
      {
        ref: "drops_nosniff",
        description: "Browsers believe the content type",
        enabled: true,
        expression: hostIs(spec.domain),
        action: "rewrite",
        actionParameters: {
          headers: setHeaders({ [contentTypeOptions.header]: contentTypeOptions.value }),
        },
      },
      {
        ref: "drops_hsts",
        description: "HTTPS only from now on, told over HTTPS alone",
        enabled: true,
        expression: `ssl and ${hostIs(spec.domain)}`,
        action: "rewrite",
        actionParameters: {
          // Neither includeSubDomains nor preload: other hosts of the zone are not ours.
          headers: setHeaders({
            "Strict-Transport-Security": `max-age=${spec.hstsMaxAgeSeconds}`,
          }),
        },
      },
      ...Object.entries(headersIfAbsent).map(([name, value]) => ({
        ref: `drops_${name.toLowerCase().replaceAll("-", "_")}`,
        description: `${name}, where the app sends none`,
        enabled: true,
        expression: `${hostIs(spec.domain)} and ${absent(name)}`,
        action: "rewrite",
        actionParameters: { headers: setHeaders({ [name]: value }) },
      })),
    ],
  };
}

const setHeaders = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, { operation: "set", value }]),
  );

function managedRuleset(plan: CloudflarePlanSpec): EdgeRuleset {
  const executed = [
    ...(plan.wafManaged ? (["cloudflareManaged"] as const) : (["free"] as const)),
    ...(plan.owasp ? (["owasp"] as const) : []),
  ];
  return {
    name: "Drops managed rules",
    phase: "http_request_firewall_managed",
    description: "Cloudflare's own rules that the plan includes.",
    rules: executed.map((key) => ({
      ref: managedRefs[key],
      description: `Execute Cloudflare's ruleset "${key}"`,
      enabled: true,
      expression: "true",
      action: "execute",
      actionParameters: { id: managedRulesetIds[key] },
    })),
  };
}

const managedRefs = {
  free: "drops_managed_free",
  cloudflareManaged: "drops_managed_cloudflare",
  owasp: "drops_managed_owasp",
} as const;
