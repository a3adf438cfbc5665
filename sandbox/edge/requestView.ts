import type { Headers } from "./headers";

/** An answer as rules see it. */
export interface ResponseView {
  readonly status: number;
  readonly headers: Headers;
}

/** A request as rules see it; with `response`, in the phases after the origin's answer. */
export interface RequestView {
  /** Lower case, without a port. */
  readonly host: string;
  readonly method: string;
  /** Normalized: dot segments resolved, slashes merged, needless percent signs decoded. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Whether the visitor came over TLS. */
  readonly secure: boolean;
  /** The visitor's IP address. */
  readonly address: string;
  readonly headers: Headers;
  readonly response?: ResponseView;
}

/** Path and query as rules see them. */
export function uriOf({ path, query }: RequestView): string {
  return query === "" ? path : `${path}?${query}`;
}

export function fullUriOf(view: RequestView): string {
  return `${view.secure ? "https" : "http"}://${view.host}${uriOf(view)}`;
}
