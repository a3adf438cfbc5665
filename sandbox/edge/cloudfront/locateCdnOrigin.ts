import type { OriginTarget } from "../origin/originTarget";
import { cdnClientRules, cdnFailures } from "./failures";
import { hostFor, type Viewing } from "./originRequest";
import type { CdnOrigin } from "./types";

/**
 * Where and how the edge asks the origin of a request.
 *
 * @throws EdgeFailure where nothing takes the connection
 */
export function locateCdnOrigin(viewing: Viewing): OriginTarget {
  const { origin, view } = viewing;
  const secure =
    origin.protocolPolicy === "match-viewer" ? view.secure : origin.protocolPolicy === "https-only";
  const port = secure ? origin.httpsPort : origin.httpPort;
  const place = `${origin.domainName}:${port}`;
  const local = origin.reach(port);
  const { words } = cdnClientRules;
  switch (local) {
    case undefined:
    case "no-such-address":
      throw cdnFailures.unresolved(origin.domainName);
    case "nobody-listens":
      throw words.refused(place);
    case "firewall":
      throw words.dropped(place, "its security group drops it");
    default: {
      const host = hostFor(viewing);
      return {
        ...{ place, local, secure, host, strict: true },
        names: [host, origin.domainName],
        timeouts: timeoutsOf(origin),
      };
    }
  }
}

const timeoutsOf = ({ connectionTimeout, connectionAttempts, readTimeout }: CdnOrigin) => ({
  connect: connectionTimeout * connectionAttempts * 1_000,
  read: readTimeout * 1_000,
});
