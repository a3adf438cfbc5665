import { program } from "./files";
import { paths } from "./paths";
import { timerPair } from "./systemd";
import type { BundleFile, AppHostSpec } from "./types";

/**
 * Let's Encrypt through Debian's certbot. `certonly` rather than `certbot --nginx`: the latter edits
 * nginx's files, which belong to the bundle, and each would undo the other's work. Renewal is
 * Debian's certbot.timer; our own timer only repeats a first request that failed, for instance
 * because the domain did not point here yet.
 */
export function tlsFiles(spec: AppHostSpec): readonly BundleFile[] {
  if (spec.site.kind === "address") return [];
  return [
    program(`${paths.lib}/certificate`, "certificate.sh"),
    // certbot runs whatever lies here after each renewal.
    program("/etc/letsencrypt/renewal-hooks/deploy/drops", "certificate-deployed.sh"),
    ...timerPair("drops-certificate", {
      description: "Request the site's certificate until there is one",
      exec: `${paths.lib}/certificate`,
      // Let's Encrypt refuses more than five failures an hour for one name.
      timer: ["OnBootSec=10min", "OnUnitInactiveSec=30min"],
    }),
  ];
}
