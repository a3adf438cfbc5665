import type { ResponseHeadersPolicy } from "./types";
import type { Headers, MutableHeaders } from "../headers";

/** An answer's headers after the policy: removed first, then set. */
export function withResponsePolicy(
  headers: Headers,
  policy: ResponseHeadersPolicy | undefined,
  request: Headers,
): MutableHeaders {
  const changed: MutableHeaders = new Map(headers);
  if (!policy) return changed;
  for (const name of policy.remove) changed.delete(name.toLowerCase());
  for (const { name, value, override } of [...policy.set, ...corsHeaders(policy, request)]) {
    const key = name.toLowerCase();
    if (override || !headers.has(key)) changed.set(key, [value]);
  }
  return changed;
}

function corsHeaders({ cors }: ResponseHeadersPolicy, request: Headers) {
  const origin = request.get("origin")?.[0];
  if (!cors || origin === undefined) return [];
  const fits = cors.origins.find((pattern) => fitsOrigin(pattern, origin));
  if (fits === undefined) return [];
  const isPreflight = request.has("access-control-request-method");
  const header = (name: string, value: string | undefined) =>
    value === undefined || value === ""
      ? []
      : [{ name: `access-control-${name}`, value, override: cors.override }];
  return [
    ...header("allow-origin", fits === "*" && !cors.credentials ? "*" : origin),
    ...header("allow-credentials", cors.credentials ? "true" : undefined),
    ...header("expose-headers", cors.exposed.join(", ")),
    ...(isPreflight
      ? [
          ...header("allow-methods", cors.methods.join(", ")),
          ...header("allow-headers", cors.headers.join(", ")),
          ...header("max-age", cors.maxAge === undefined ? undefined : String(cors.maxAge)),
        ]
      : []),
  ];
}

/** `*` stands for any characters of an origin. */
function fitsOrigin(pattern: string, origin: string): boolean {
  const source = pattern
    .split("*")
    .map((part) => part.replaceAll(/[.+^${}()|[\]\\?]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${source}$`).test(origin) || new RegExp(`^https?://${source}$`).test(origin);
}
