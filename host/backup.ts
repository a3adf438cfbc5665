import { plain, program } from "./files";
import { paths } from "./paths";
import { timerPair } from "./systemd";
import type { BundleFile, HostSpec } from "./types";

/** Key prefix of a stack's dumps; each is `<prefix>/<UTC time>.dump`, pg_dump's custom format. */
export function dumpPrefix(stack: string): string {
  return `dumps/${stack}`;
}

/** The nightly logical dump, streamed to object storage: the disk never holds a copy. */
export function backupFiles(spec: HostSpec): readonly BundleFile[] {
  const { backup } = spec;
  if (!backup) return [];
  return [
    program(`${paths.lib}/backup`, "backup.sh"),
    plain(
      `${paths.etc}/backup.env`,
      `BACKUP_PREFIX='${dumpPrefix(spec.stack)}'
BACKUP_ENDPOINT='${backup.endpoint}'
BACKUP_REGION='${backup.region}'
BACKUP_RETENTION_DAYS='${backup.retentionDays}'
`,
    ),
    ...timerPair("drops-backup", {
      description: "Nightly dump of the database to object storage",
      exec: `${paths.lib}/backup`,
      timer: [
        `OnCalendar=*-*-* ${String(backup.hourUtc).padStart(2, "0")}:00:00 UTC`,
        "RandomizedDelaySec=10min",
        // A host that was off at the hour catches up.
        "Persistent=true",
      ],
      service: ["Nice=10", "IOSchedulingClass=idle", "TimeoutStartSec=6h"],
    }),
  ];
}
