import { z } from "zod";

/*
 * Every input of a ruleset, with the words that the provider refuses in a preview
 * (@pulumi/cloudflare 6.22.1, whose documentation prints "_" as "*").
 */

const phases = [
  ...["ddos_l4", "ddos_l7", "http_config_settings", "http_custom_errors"],
  ...["http_log_custom_fields", "http_ratelimit", "http_request_cache_settings"],
  ...["http_request_dynamic_redirect", "http_request_firewall_custom"],
  ...["http_request_firewall_managed", "http_request_late_transform", "http_request_origin"],
  ...["http_request_redirect", "http_request_sanitize", "http_request_sbfm"],
  ...["http_request_transform", "http_response_cache_settings", "http_response_compression"],
  ...["http_response_firewall_managed", "http_response_headers_transform", "magic_transit"],
  ...["magic_transit_ids_managed", "magic_transit_managed", "magic_transit_ratelimit"],
] as const;

const actions = [
  ...["block", "challenge", "compress_response", "ddos_dynamic", "execute"],
  ...["force_connection_close", "js_challenge", "log", "log_custom_field", "managed_challenge"],
  ...["redirect", "rewrite", "route", "score", "serve_error", "set_cache_control"],
  ...["set_cache_settings", "set_cache_tags", "set_config", "skip"],
] as const;

const flag = z.boolean().optional();
const text = z.string().optional();
const number = z.number().optional();
const texts = z.array(z.string()).optional();
const textLists = z.record(z.string(), z.array(z.string())).optional();
const oneOf = <const T extends readonly [string, ...string[]]>(...words: T) =>
  z.enum(words).optional();

const expressionOrValue = z.strictObject({ expression: text, value: text });
const fieldNames = z.array(z.strictObject({ name: z.string() })).optional();
const responseFields = z
  .array(z.strictObject({ name: z.string(), preserveDuplicates: flag }))
  .optional();

/** A word of a Cache-Control header. */
const directive = { operation: z.enum(["set", "remove"]), cloudflareOnly: flag };
const plainDirective = z.strictObject(directive).optional();
const timedDirective = z.strictObject({ ...directive, value: number }).optional();
const qualifiedDirective = z.strictObject({ ...directive, qualifiers: texts }).optional();

const sensitivityLevel = oneOf("default", "medium", "low", "eoff");
const override = { action: text, enabled: flag, sensitivityLevel };
const varyAction = z.enum(["bypass", "passthrough", "normalize"]);
const listing = { all: flag, lists: texts };

const cacheKey = z.strictObject({
  cacheByDeviceType: flag,
  cacheDeceptionArmor: flag,
  ignoreQueryStringsOrder: flag,
  customKey: z
    .strictObject({
      cookie: z.strictObject({ checkPresences: texts, includes: texts }).optional(),
      header: z
        .strictObject({
          ...{ checkPresences: texts, contains: textLists },
          ...{ excludeOrigin: flag, includes: texts },
        })
        .optional(),
      host: z.strictObject({ resolved: flag }).optional(),
      queryString: z
        .strictObject({
          exclude: z.strictObject(listing).optional(),
          include: z.strictObject(listing).optional(),
        })
        .optional(),
      user: z.strictObject({ deviceType: flag, geo: flag, lang: flag }).optional(),
    })
    .optional(),
});

const edgeTtl = z.strictObject({
  mode: z.enum(["respect_origin", "bypass_by_default", "override_origin"]),
  default: number,
  statusCodeTtls: z
    .array(
      z.strictObject({
        statusCode: number,
        statusCodeRange: z.strictObject({ from: number, to: number }).optional(),
        value: z.number(),
      }),
    )
    .optional(),
});

const caching = {
  additionalCacheablePorts: z.array(z.number()).optional(),
  browserTtl: z
    .strictObject({
      mode: z.enum(["respect_origin", "bypass_by_default", "override_origin", "bypass"]),
      default: number,
    })
    .optional(),
  cache: flag,
  cacheKey: cacheKey.optional(),
  cacheReserve: z.strictObject({ eligible: z.boolean(), minimumFileSize: number }).optional(),
  edgeTtl: edgeTtl.optional(),
  ...{ immutable: plainDirective, maxAge: timedDirective, mustRevalidate: plainDirective },
  ...{ mustUnderstand: plainDirective, noCache: qualifiedDirective, noStore: plainDirective },
  ...{ noTransform: plainDirective, private: qualifiedDirective, proxyRevalidate: plainDirective },
  ...{ public: plainDirective, sMaxage: timedDirective, staleIfError: timedDirective },
  staleWhileRevalidate: timedDirective,
  operation: oneOf("set", "add", "remove"),
  ...{ originCacheControl: flag, originErrorPagePassthru: flag, readTimeout: number },
  originRangeRequests: z.strictObject({ mode: z.enum(["on", "off", "default"]) }).optional(),
  ...{ respectStrongEtags: flag, stripEtags: flag, stripLastModified: flag, stripSetCookie: flag },
  serveStale: z.strictObject({ disableStaleWhileUpdating: flag }).optional(),
  values: texts,
  vary: z
    .strictObject({
      default: z.strictObject({ action: varyAction }),
      headers: z
        .record(
          z.string(),
          z.strictObject({ action: varyAction, languages: texts, mediaTypes: texts }),
        )
        .optional(),
    })
    .optional(),
};

const settings = {
  ...{ automaticHttpsRewrites: flag, bic: flag, contentConverter: flag, disableApps: flag },
  ...{ disableRum: flag, disableZaraz: flag, emailObfuscation: flag, fonts: flag },
  ...{ hotlinkProtection: flag, mirage: flag, opportunisticEncryption: flag },
  ...{ redirectsForAiTraining: flag, rocketLoader: flag, serverSideExcludes: flag, sxg: flag },
  autominify: z.strictObject({ css: flag, html: flag, js: flag }).optional(),
  polish: oneOf("off", "lossless", "lossy", "webp"),
  requestBodyBuffering: oneOf("none", "standard", "full"),
  responseBodyBuffering: oneOf("none", "standard"),
  securityLevel: oneOf("off", "essentially_off", "low", "medium", "high", "under_attack"),
  ssl: oneOf("off", "flexible", "full", "strict", "origin_pull"),
};

const actionParameters = z.strictObject({
  ...caching,
  ...settings,
  algorithms: z
    .array(z.strictObject({ name: oneOf("none", "auto", "default", "gzip", "brotli", "zstd") }))
    .optional(),
  ...{ assetName: text, content: text, expression: text, hostHeader: text, id: text },
  contentType: oneOf("application/json", "text/html", "text/plain", "text/xml"),
  ...{ increment: number, statusCode: number, rulesets: texts, rules: textLists },
  ...{ cookieFields: fieldNames, requestFields: fieldNames, transformedRequestFields: fieldNames },
  ...{ rawResponseFields: responseFields, responseFields },
  fromList: z.strictObject({ key: z.string(), name: z.string() }).optional(),
  fromValue: z
    .strictObject({
      preserveQueryString: flag,
      statusCode: z.literal([301, 302, 303, 307, 308]).optional(),
      targetUrl: expressionOrValue,
    })
    .optional(),
  headers: z
    .record(
      z.string(),
      z.strictObject({
        operation: z.enum(["add", "set", "remove"]),
        expression: text,
        value: text,
      }),
    )
    .optional(),
  matchedData: z.strictObject({ publicKey: z.string() }).optional(),
  origin: z.strictObject({ host: text, port: number }).optional(),
  overrides: z
    .strictObject({
      ...override,
      categories: z.array(z.strictObject({ ...override, category: z.string() })).optional(),
      rules: z
        .array(z.strictObject({ ...override, id: z.string(), scoreThreshold: number }))
        .optional(),
    })
    .optional(),
  phases: z.array(z.enum(phases)).optional(),
  products: z
    .array(z.enum(["bic", "hot", "rateLimit", "securityLevel", "uaBlock", "waf", "zoneLockdown"]))
    .optional(),
  response: z
    .strictObject({
      content: z.string(),
      contentType: z.string(),
      statusCode: z.int().min(400).max(499),
    })
    .optional(),
  ruleset: oneOf("current"),
  sni: z.strictObject({ value: z.string() }).optional(),
  uri: z
    .strictObject({ path: expressionOrValue.optional(), query: expressionOrValue.optional() })
    .optional(),
});

const rule = z.strictObject({
  action: z.enum(actions),
  actionParameters: actionParameters.optional(),
  ...{ description: text, enabled: flag, id: text, ref: text },
  expression: z.string(),
  exposedCredentialCheck: z
    .strictObject({ passwordExpression: z.string(), usernameExpression: z.string() })
    .optional(),
  logging: z.strictObject({ enabled: flag }).optional(),
  ratelimit: z
    .strictObject({
      characteristics: z.array(z.string()),
      period: z.number(),
      ...{ countingExpression: text, mitigationTimeout: number, requestsPerPeriod: number },
      ...{ requestsToOrigin: flag, scorePerPeriod: number, scoreResponseHeaderName: text },
    })
    .optional(),
});

export const rulesetInputs = z.object({
  accountId: text,
  zoneId: text,
  kind: z.enum(["managed", "custom", "root", "zone"]),
  phase: z.enum(phases),
  name: z.string(),
  description: text,
  rules: z.array(rule).optional(),
});
export type RulesetInputs = z.infer<typeof rulesetInputs>;
export type Rule = z.infer<typeof rule>;
