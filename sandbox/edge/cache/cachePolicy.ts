import { z } from "zod";
import { type Directives, secondsOf } from "./cacheControl";
import { type Headers } from "../headers";
import { extensionOf } from "../language/fields";
import type { RequestView } from "../requestView";

const ttlMode = z.enum(["respect_origin", "bypass_by_default", "override_origin"]);
const seconds = z.number().int();

/** Rules of `http_request_cache_settings`, as far as the edge follows them. */
export const cacheSettingsRule = z.object({
  action: z.literal("set_cache_settings"),
  actionParameters: z.object({
    cache: z.boolean().optional(),
    edgeTtl: z
      .object({
        mode: ttlMode,
        default: seconds.optional(),
        statusCodeTtls: z
          .array(
            z.object({
              statusCode: z.number().optional(),
              statusCodeRange: z
                .object({ from: z.number().optional(), to: z.number().optional() })
                .optional(),
              value: seconds,
            }),
          )
          .optional(),
      })
      .optional(),
    browserTtl: z
      .object({ mode: ttlMode.or(z.literal("bypass")), default: seconds.optional() })
      .optional(),
  }),
});
export type CacheSettings = z.infer<typeof cacheSettingsRule>["actionParameters"];

/** What Cloudflare keeps without a rule, by the path's extension alone. */
const keptExtensions = new Set(
  (
    "7z avi avif apk bin bmp bz2 class css csv doc docx dmg ejs eot eps exe flac gif gz ico iso jar " +
    "jpg jpeg js mid midi mkv mp3 mp4 ogg otf pdf pict pls png ppt pptx ps rar svg svgz swf tar tif " +
    "tiff ttf webm webp woff woff2 xls xlsx zip zst"
  ).split(" "),
);

/** Why the edge may keep the answer of a request: a rule, or its extension; undefined: it may not. */
export function eligibility(
  { method, path }: RequestView,
  { cache }: CacheSettings,
): "rule" | "extension" | undefined {
  if (method !== "GET" && method !== "HEAD") return undefined;
  if (cache !== undefined) return cache ? "rule" : undefined;
  return keptExtensions.has(extensionOf(path)) || path === "/robots.txt" ? "extension" : undefined;
}

/** Minutes for an answer that says nothing about its lifetime. */
const defaultMinutes: Readonly<Record<number, number>> = {
  ...{ 200: 120, 301: 120 },
  ...{ 302: 20, 303: 20 },
  ...{ 404: 3, 410: 3 },
};

export interface Candidate {
  readonly eligibility: "rule" | "extension";
  readonly settings: CacheSettings;
  readonly authorized: boolean;
  readonly status: number;
  readonly headers: Headers;
  /** Cache-Control as rules have changed it for the edge. */
  readonly directives: Directives;
  /** Milliseconds since 1970. */
  readonly now: number;
}

type Verdict =
  | { readonly keptSeconds: number; readonly dropsCookies: boolean }
  /** What the visitor reads in `cf-cache-status`. */
  | { readonly keptSeconds?: undefined; readonly because: "BYPASS" | "MISS" };

const bypass: Verdict = { because: "BYPASS" };
const miss: Verdict = { because: "MISS" };

/**
 * Whether an answer is kept, and for how long; by Cloudflare's Origin Cache Control. Where Cloudflare
 * keeps an answer to ask the origin each time whether it still holds, this edge keeps none.
 */
export function judge(candidate: Candidate): Verdict {
  const { status, headers, directives, settings } = candidate;
  if (status < 200 || status === 206 || status === 304) return miss;

  const forced = forcedSeconds(settings, status);
  if (forced !== undefined) {
    return forced > 0 ? { keptSeconds: forced, dropsCookies: true } : bypass;
  }
  if (headers.has("set-cookie")) return candidate.eligibility === "rule" ? miss : bypass;
  if (["no-store", "private", "no-cache"].some((name) => directives.has(name))) return bypass;
  if (candidate.authorized && !mayBeShared(directives)) return bypass;

  const lifetime =
    secondsOf(directives, "s-maxage") ??
    secondsOf(directives, "max-age") ??
    expiresIn(headers, candidate.now);
  if (lifetime !== undefined) return lifetime > 0 ? keptFor(lifetime) : bypass;
  if (settings.edgeTtl?.mode === "bypass_by_default" && directives.size === 0) return bypass;
  const minutes = defaultMinutes[status];
  return minutes === undefined ? miss : keptFor(minutes * 60);
}

function keptFor(keptSeconds: number): Verdict {
  return { keptSeconds, dropsCookies: false };
}

/** What a rule says whatever the origin says. 0 and -1 mean: not at all. */
function forcedSeconds({ edgeTtl }: CacheSettings, status: number): number | undefined {
  const ofStatus = edgeTtl?.statusCodeTtls?.find(({ statusCode, statusCodeRange: range }) =>
    range ? status >= (range.from ?? 0) && status <= (range.to ?? 999) : status === statusCode,
  );
  if (ofStatus) return ofStatus.value;
  return edgeTtl?.mode === "override_origin" ? edgeTtl.default : undefined;
}

function mayBeShared(directives: Directives): boolean {
  return ["must-revalidate", "public", "s-maxage"].some((name) => directives.has(name));
}

/** Seconds until `Expires`; a date that cannot be read is past. */
function expiresIn(headers: Headers, now: number): number | undefined {
  const value = headers.get("expires")?.[0];
  if (value === undefined) return undefined;
  const until = Date.parse(value);
  return Number.isNaN(until) ? 0 : Math.max(0, Math.floor((until - now) / 1000));
}
