import type { ServiceStatus } from "../contracts";
import { paths } from "../../host/paths";
import type { HostSettings } from "./settings";

/** Parts of a droplet that nothing runs for on this machine, and why. */
export function recordedServices(
  resource: string,
  settings: HostSettings | undefined,
  probed?: string,
): readonly ServiceStatus[] {
  const recorded: readonly (readonly [string, string])[] = [
    ["SSH server", "the cloud takes the commands itself"],
    ["packages, systemd", "nothing of this machine is changed"],
    ...(settings
      ? ([
          [
            "Prometheus, Alertmanager",
            `files are in ${paths.etc}/prometheus; they do not run here`,
          ],
          [
            settings.role === "app" ? "exporters, mtail" : "exporters",
            "nobody would read their metrics",
          ],
          ...(settings.role === "monitoring"
            ? [["uptime probe", `of ${probed ?? "nothing yet"}`] as const]
            : []),
          ...(settings.site === "address"
            ? []
            : [["certbot", "the sandbox's authority issues the certificate"] as const]),
          ...(settings.backup
            ? [["nightly dump", "there is no object storage to put it into"] as const]
            : []),
        ] as const)
      : []),
  ];
  return recorded.map(([what, detail]) => ({ resource, what, state: "recorded", detail }));
}
