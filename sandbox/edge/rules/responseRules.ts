import { z } from "zod";
import {
  changeDirectives,
  type Directives,
  formatDirectives,
  parseDirectives,
} from "../cache/cacheControl";
import type { MutableHeaders } from "../headers";
import type { RequestView, ResponseView } from "../requestView";
import type { RuleReader } from "./ruleReader";
import type { ZoneView } from "../types";

const directiveChange = z.object({
  operation: z.enum(["set", "remove"]),
  value: z.number().int().nonnegative().optional(),
  qualifiers: z.array(z.string()).optional(),
  cloudflareOnly: z.boolean().optional(),
});

const cacheResponseRule = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("set_cache_control"),
    actionParameters: z.record(z.string(), directiveChange),
  }),
  z.object({
    action: z.literal("set_cache_settings"),
    actionParameters: z.object({
      stripEtags: z.boolean().optional(),
      stripSetCookie: z.boolean().optional(),
      stripLastModified: z.boolean().optional(),
    }),
  }),
]);

/** An origin's answer after the rules about caching. */
interface CacheRuledResponse {
  /** For the visitor. */
  readonly headers: MutableHeaders;
  /** For the edge itself, which may have been told otherwise. */
  readonly directives: Directives;
}

/** Applies `http_response_cache_settings`: all rules that hold, a later one over an earlier one. */
export function applyCacheResponseRules(
  zone: ZoneView,
  view: RequestView & { readonly response: ResponseView },
  rules: RuleReader,
): CacheRuledResponse {
  const headers = new Map(view.response.headers);
  let forEdge = parseDirectives(headers.get("cache-control") ?? []);
  let forVisitor = forEdge;
  for (const { details } of rules.matching(
    zone,
    "http_response_cache_settings",
    cacheResponseRule,
    view,
  )) {
    if (details.action === "set_cache_settings") {
      const { stripEtags, stripSetCookie, stripLastModified } = details.actionParameters;
      if (stripEtags) headers.delete("etag");
      if (stripSetCookie) headers.delete("set-cookie");
      if (stripLastModified) headers.delete("last-modified");
      continue;
    }
    const changes = details.actionParameters;
    const visible = Object.entries(changes).filter(([, change]) => change.cloudflareOnly !== true);
    forEdge = changeDirectives(forEdge, changes);
    forVisitor = changeDirectives(forVisitor, Object.fromEntries(visible));
  }
  return { headers: withDirectives(headers, forVisitor), directives: forEdge };
}

/** The headers with this Cache-Control; as they are where nothing was changed. */
export function withDirectives(headers: MutableHeaders, directives: Directives): MutableHeaders {
  const before = formatDirectives(parseDirectives(headers.get("cache-control") ?? []));
  const after = formatDirectives(directives);
  if (after === before) return headers;
  const changed = new Map(headers);
  if (after === undefined) changed.delete("cache-control");
  else changed.set("cache-control", [after]);
  return changed;
}

const headerRule = z.object({
  action: z.literal("rewrite"),
  actionParameters: z.object({
    headers: z.record(
      z.string(),
      z.object({
        operation: z.enum(["set", "add", "remove"]),
        value: z.string().optional(),
        expression: z.string().optional(),
      }),
    ),
  }),
});

/**
 * Applies `http_response_headers_transform`. All rules see the headers as they were; a later rule
 * overwrites what an earlier one set.
 */
export function applyHeaderRules(
  zone: ZoneView,
  view: RequestView & { readonly response: ResponseView },
  rules: RuleReader,
): MutableHeaders {
  const headers = new Map(view.response.headers);
  for (const { details } of rules.matching(
    zone,
    "http_response_headers_transform",
    headerRule,
    view,
  )) {
    for (const [given, change] of Object.entries(details.actionParameters.headers)) {
      const name = given.toLowerCase();
      if (isProtected(name)) continue;
      const value =
        change.expression === undefined ? change.value : rules.text(change.expression, view);
      if (change.operation === "remove") headers.delete(name);
      else if (change.operation === "add") {
        if (value) headers.set(name, [...(headers.get(name) ?? []), value]);
      } else if (value) headers.set(name, [value]);
      else headers.delete(name);
    }
  }
  return headers;
}

/** Headers of an answer that no rule can change; Cloudflare refuses such a rule. */
function isProtected(name: string): boolean {
  return /^(?:(?:x-)?cf-|server$|eh-cache-tag$|eh-cdn-cache-control$)/i.test(name);
}
