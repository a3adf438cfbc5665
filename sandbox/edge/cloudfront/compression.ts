import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { parseDirectives } from "../cache/cacheControl";
import { type Headers, type MutableHeaders } from "../headers";

/** Bytes of what CloudFront compresses. */
const sizes = { low: 1_000, high: 10_000_000 };

/** Types that it compresses, as far as a web application has them (CloudFront's guide). */
const types = new Set([
  ...["application/dash+xml", "application/eot", "application/font", "application/font-sfnt"],
  ...["application/javascript", "application/json", "application/opentype", "application/otf"],
  ...["application/pdf", "application/pkcs7-mime", "application/protobuf", "application/rss+xml"],
  ...["application/truetype", "application/ttf", "application/vnd.apple.mpegurl"],
  ...["application/vnd.mapbox-vector-tile", "application/vnd.ms-fontobject", "application/wasm"],
  ...["application/xhtml+xml", "application/xml", "application/x-font-opentype"],
  ...["application/x-font-truetype", "application/x-font-ttf", "application/x-httpd-cgi"],
  ...["application/x-javascript", "application/x-mpegurl", "application/x-opentype"],
  ...["application/x-otf", "application/x-perl", "application/x-ttf", "font/eot", "font/opentype"],
  ...["font/otf", "font/ttf", "image/svg+xml", "text/css", "text/csv", "text/html"],
  ...["text/javascript", "text/js", "text/plain", "text/richtext", "text/tab-separated-values"],
  ...["text/xml", "text/x-component", "text/x-java-source", "text/x-script"],
]);

/** Whether an answer of an origin is compressed for a viewer who accepts it. */
export function isCompressible({
  status,
  headers,
}: {
  readonly status: number;
  readonly headers: Headers;
}): boolean {
  const length = Number(headers.get("content-length")?.[0] ?? Number.NaN);
  const type = headers.get("content-type")?.[0]?.split(";")[0]?.trim().toLowerCase() ?? "";
  const directives = parseDirectives(headers.get("cache-control") ?? []);
  return (
    [200, 403, 404].includes(status) &&
    types.has(type) &&
    length >= sizes.low &&
    length <= sizes.high &&
    !headers.has("content-encoding") &&
    !directives.has("no-transform")
  );
}

/** The body in the encoding, and what its headers become; a strong mark becomes a weak one. */
export function compressed(
  encoding: "br" | "gzip",
  headers: Headers,
  body: Buffer,
): { readonly headers: MutableHeaders; readonly body: Buffer } {
  const packed =
    encoding === "br"
      ? brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })
      : gzipSync(body);
  const etag = headers.get("etag")?.[0];
  const changed: MutableHeaders = new Map([
    ...headers,
    ["content-encoding", [encoding]],
    ["content-length", [String(packed.length)]],
    ["vary", [[...(headers.get("vary") ?? []), "Accept-Encoding"].join(", ")]],
  ]);
  if (etag !== undefined && !etag.startsWith("W/")) changed.set("etag", [`W/${etag}`]);
  return { headers: changed, body: packed };
}
