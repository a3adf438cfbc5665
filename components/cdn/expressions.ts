/** Paths that the rules single out. */
export const edgePaths = {
  /** Files whose names change with their content, so they may be kept for ever. */
  assets: "/assets/",
  /** The app's health address. */
  health: "/healthz",
  /** Where a certificate authority looks for a challenge, over plain HTTP. */
  acme: "/.well-known/acme-challenge/",
} as const;

/** A string literal of Cloudflare's rules language. */
export const literal = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;
export const hostIs = (host: string): string => `http.host eq ${literal(host)}`;
export const pathUnder = (prefix: string): string =>
  `starts_with(http.request.uri.path, ${literal(prefix)})`;
/** The host's assets. */
export const assetsOf = (host: string): string =>
  `${hostIs(host)} and ${pathUnder(edgePaths.assets)}`;
export const pathIs = (path: string): string => `http.request.uri.path eq ${literal(path)}`;
/** A path with any text at each `*`; letters count as they stand. */
export const pathLike = (pattern: string): string =>
  `http.request.uri.path strict wildcard ${literal(pattern)}`;
