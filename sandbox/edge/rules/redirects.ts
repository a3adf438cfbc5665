import { z } from "zod";
import type { RuleReader } from "./ruleReader";
import { type RequestView, uriOf } from "../requestView";
import type { ZoneView } from "../types";

export interface Redirect {
  readonly status: number;
  readonly location: string;
}

const redirectRule = z.object({
  action: z.literal("redirect"),
  actionParameters: z.object({
    fromValue: z.object({
      statusCode: z.number().int().min(301).max(308).optional(),
      preserveQueryString: z.boolean().optional(),
      targetUrl: z.object({ value: z.string().optional(), expression: z.string().optional() }),
    }),
  }),
});

/** Where a visitor is sent instead; settings of the zone stand before its rules. */
export function redirectFor(
  zone: ZoneView,
  view: RequestView,
  rules: RuleReader,
): Redirect | undefined {
  const { ssl, always_use_https: alwaysHttps } = zone.settings;
  if (ssl === "off" && view.secure) return to("http", view);
  if (ssl !== "off" && alwaysHttps === "on" && !view.secure) return toHttps(view);

  for (const { details } of rules.matching(
    zone,
    "http_request_dynamic_redirect",
    redirectRule,
    view,
  )) {
    const { statusCode = 302, preserveQueryString, targetUrl } = details.actionParameters.fromValue;
    const target =
      targetUrl.expression === undefined ? targetUrl.value : rules.text(targetUrl.expression, view);
    if (target === undefined || target === "") continue;
    const separator = target.includes("?") ? "&" : "?";
    const query = preserveQueryString && view.query !== "" ? `${separator}${view.query}` : "";
    // A header holds no spaces and no letters beyond ASCII.
    const encoded = target.replaceAll(/[^\x21-\x7e]+/g, encodeURIComponent);
    return { status: statusCode, location: `${encoded}${query}` };
  }
  return undefined;
}

export function toHttps(view: RequestView): Redirect {
  return to("https", view);
}

function to(scheme: "http" | "https", view: RequestView): Redirect {
  return { status: 301, location: `${scheme}://${view.host}${uriOf(view)}` };
}
