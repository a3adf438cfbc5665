import { fields } from "./fields";
import { ExpressionError, parseExpression, type Result } from "./parser";

/** Phases of a request, in Cloudflare's order: there is no answer yet. */
const requestPhases = [
  "http_request_sanitize",
  "http_request_dynamic_redirect",
  "http_request_transform",
  "http_config_settings",
  "http_request_origin",
  "ddos_l7",
  "http_request_firewall_custom",
  "http_ratelimit",
  "http_request_firewall_managed",
  "http_request_sbfm",
  "http_request_redirect",
  "http_request_late_transform",
  "http_request_cache_settings",
  "http_request_snippets",
  "http_request_cloud_connector",
] as const;

/** Phases of an answer, in Cloudflare's order. */
const responsePhases = [
  "http_response_cache_settings",
  "http_custom_errors",
  "http_response_headers_transform",
  "http_response_compression",
  "http_response_firewall_managed",
  "http_log_custom_fields",
] as const;

interface CheckOptions {
  /** @default "Boolean", a rule's condition; "String" for the text of a target or a header */
  readonly result?: Result;
  /** What the zone's plan allows (`prices/cloudflare.ts`). @default nothing is refused for it */
  readonly plan?: {
    readonly wafCustomRegex: boolean;
    readonly rateLimitByHost: boolean;
    /** Fields that a rate limit may look at. @default all, where it may look at the host */
    readonly rateLimitFields?: readonly string[];
  };
}

/** What Cloudflare would refuse about an expression in a phase; undefined where it is fine. */
export function checkExpression(
  text: string,
  phase: string,
  { result = "Boolean", plan }: CheckOptions = {},
): string | undefined {
  const isResponse = responsePhases.some((name) => name === phase);
  if (!isResponse && !requestPhases.some((name) => name === phase)) {
    const known = [...requestPhases, ...responsePhases].join(", ");
    return `the phase "${phase}" is unknown; allowed are ${known}`;
  }
  try {
    const expression = parseExpression(text, result);
    const known = plan?.rateLimitByHost === false ? [pathField] : plan?.rateLimitFields;
    for (const name of expression.fields) {
      if (!isResponse && fields[name]?.ofResponse) {
        return `the use of field ${name} is not allowed: in the phase ${phase} there is no answer yet`;
      }
      if (phase === "http_ratelimit" && known && !known.includes(name)) {
        return `the use of field ${name} is not allowed: rate limits of this plan know ${known.length > 1 ? known.join(", ") : `${known.join()} alone`}`;
      }
    }
    if (expression.usesRegularExpressions && plan?.wafCustomRegex === false) {
      return "not entitled: the use of operator matches is not allowed, a Business plan is required";
    }
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
  return undefined;
}

const pathField = "http.request.uri.path";
