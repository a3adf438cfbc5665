import { program } from "./files";
import { paths, ports } from "./paths";
import { serviceDropIn, timerPair } from "./systemd";
import type { BundleFile } from "./types";

/** The node exporter, and the timer that writes what it cannot know as text files beside it. */
export function metricsFiles(): readonly BundleFile[] {
  return [
    serviceDropIn("prometheus-node-exporter", {
      comment: "Loopback only; the text files carry our own numbers.",
      exec: [
        "/usr/bin/prometheus-node-exporter",
        `--web.listen-address=127.0.0.1:${ports.node}`,
        `--collector.textfile.directory=${paths.textfiles}`,
        "--collector.filesystem.fs-types-exclude=^(autofs|cgroup2?|devtmpfs|fuse.*|nsfs|overlay|proc|squashfs|sysfs|tmpfs|tracefs)$",
      ],
    }),
    program(`${paths.lib}/metrics`, "metrics.py"),
    ...timerPair("drops-metrics", {
      description: "Write the host's own metrics for the node exporter",
      exec: `${paths.lib}/metrics`,
      timer: ["OnBootSec=30s", "OnUnitActiveSec=30s", "AccuracySec=1s"],
    }),
  ];
}
