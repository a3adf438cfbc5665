import type { LoopbackTarget } from "../../contracts";
import { resolveOrigin, type Site } from "../dns";
import { failures } from "../failure";
import type { RequestView } from "../requestView";
import type { EdgeOptions, OriginTimeouts, ZoneView } from "../types";

/** Where and how the edge asks for a site. */
export interface OriginTarget {
  /** Public address and port, for messages. */
  readonly place: string;
  readonly local: LoopbackTarget;
  readonly secure: boolean;
  /** Whether the certificate is checked. */
  readonly strict: boolean;
  /** The visitor's host, which is also the name in the TLS handshake. */
  readonly host: string;
  /** Names of which the certificate has to hold one: the host, and what its record leads to. */
  readonly names: readonly string[];
  /** @default the CDN's own */
  readonly timeouts?: OriginTimeouts;
}

export interface Network extends Pick<EdgeOptions, "route" | "platformApp" | "named"> {
  readonly zones: readonly ZoneView[];
}

/**
 * @param secure Whether over TLS. @default as the zone's settings have it
 * @throws EdgeFailure where the origin cannot be reached
 */
export function locateOrigin(
  { zones, route, platformApp, named }: Network,
  { zone, record }: Site,
  view: RequestView,
  secure = originScheme(zone, view) === "https",
): OriginTarget {
  const { address, targets } = resolveOrigin(zones, record);
  const end = targets.at(-1);
  const port = secure ? 443 : 80;
  const local =
    address !== undefined
      ? route(address, port)
      : end !== undefined
        ? named?.(end, port)
        : undefined;
  if (local === undefined) {
    // App Platform's names are a zone of DigitalOcean's at Cloudflare.
    const isOthers = end !== undefined && platformApp?.(end) !== undefined;
    throw isOthers
      ? failures.crossUser(view.host, end)
      : failures.unresolved(view.host, record.content);
  }
  const place = `${address ?? end}:${port}`;
  switch (local) {
    case "no-such-address":
      throw failures.unreachable(place);
    case "nobody-listens":
      throw failures.refused(place);
    case "firewall":
      // Cloudflare would say so after 19 seconds.
      throw failures.dropped(place, "its firewall drops it");
    default:
      return {
        ...{ place, local, secure },
        strict: zone.settings.ssl === "strict" || zone.settings.ssl === "origin_pull",
        host: view.host,
        names: [view.host, ...targets],
      };
  }
}

/**
 * How the edge asks the origin. With "full" and "strict" as the visitor asked the edge: a challenge
 * over plain HTTP arrives on port 80. A zone that sets nothing is taken for "full".
 */
export function originScheme(
  { settings }: ZoneView,
  { secure }: Pick<RequestView, "secure">,
): "http" | "https" {
  if (settings.ssl === "off" || settings.ssl === "flexible") return "http";
  if (settings.ssl === "origin_pull") return "https";
  return secure ? "https" : "http";
}
