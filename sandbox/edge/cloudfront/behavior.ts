import type { Behavior, Distribution, Picked } from "./types";
import { type Headers, tokens } from "../headers";
import type { RequestView } from "../requestView";

/** The first behavior whose pattern holds for a path; patterns tell capitals apart. */
export function behaviorFor({ behaviors }: Distribution, path: string): Behavior {
  const found = behaviors.find(({ pathPattern }) => fits(pathPattern, path));
  if (!found) throw new Error("a distribution has a behavior for every path");
  return found;
}

/** The slash at a pattern's beginning may be left out. */
function fits(pattern: string, path: string): boolean {
  if (pattern === "*") return true;
  const text = pattern.startsWith("/") ? pattern : `/${pattern}`;
  const source = text
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(path);
}

/** Whether a policy picks a name; names of headers are compared in lower case. */
export function picks({ behavior, items }: Picked, name: string): boolean {
  switch (behavior) {
    case "none":
      return false;
    case "all":
      return true;
    case "whitelist":
      return items.some((item) => item.toLowerCase() === name.toLowerCase());
    case "allExcept":
      return !items.some((item) => item.toLowerCase() === name.toLowerCase());
  }
}

/** Parts of a query whose names one of the policies picks, in their order. */
export function pickedQuery(query: string, ...policies: readonly Picked[]): string {
  return query
    .split("&")
    .filter((part) => part !== "")
    .filter((part) => policies.some((policy) => picks(policy, part.split("=")[0] ?? "")))
    .join("&");
}

export function pickedCookies(headers: Headers, ...policies: readonly Picked[]): string {
  return (headers.get("cookie") ?? [])
    .flatMap((line) => line.split(";"))
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== "")
    .filter((cookie) => policies.some((policy) => picks(policy, cookie.split("=")[0] ?? "")))
    .join("; ");
}

/**
 * The encodings that are asked of the origin and that kept answers are told apart by; undefined: the
 * policy does not look at the header.
 */
export function cacheEncodings(
  { cache: { gzip, brotli } }: Pick<Behavior, "cache">,
  headers: Headers,
): string | undefined {
  if (!gzip && !brotli) return undefined;
  const accepted = tokens(headers, "accept-encoding")
    .filter((token) => !/;\s*q=0(?:\.0*)?$/.test(token))
    .map((token) => token.split(";")[0]?.trim().toLowerCase() ?? "");
  const known = [...(brotli ? ["br"] : []), ...(gzip ? ["gzip"] : [])];
  return known.filter((name) => accepted.includes(name)).join(",");
}

/** Whether answers are kept at all: with a longest lifetime of 0, none is. */
export const keeps = ({ cache }: Behavior): boolean => cache.maxTtl > 0;

/** By what kept answers are told apart: the path, and what the cache policy picks. */
export function cacheKey(
  distribution: Distribution,
  behavior: Behavior,
  view: RequestView,
): string {
  const { cache } = behavior;
  const headers = [...view.headers]
    .filter(([name]) => picks(cache.headers, name))
    .sort(([one], [other]) => one.localeCompare(other));
  return JSON.stringify([
    distribution.id,
    view.method === "OPTIONS" ? "OPTIONS" : "GET",
    view.path,
    pickedQuery(view.query, cache.queryStrings),
    pickedCookies(view.headers, cache.cookies),
    headers,
    cacheEncodings(behavior, view.headers),
  ]);
}
