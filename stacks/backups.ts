import { BackupBucket, spacesEndpoint } from "../components/backup/spacesBucket";
import type { HostSpec } from "../host/types";
import { regions } from "../prices/digitalocean";
import type { SmallConfig } from "../settings/schema";

type BackupConfig = Pick<SmallConfig, "backups" | "region">;

/** The bucket of the nightly dumps, if they are made. */
export function backupBucketOf(
  { backups, region }: BackupConfig,
  protect: boolean,
): BackupBucket | undefined {
  if (backups.dump === "off") return undefined;
  return new BackupBucket("backup", {
    spec: {
      region: regions[region].spacesRegionNear,
      retentionDays: backups.retentionDays,
      protect,
    },
  });
}

/** Where the host that dumps the database puts its dumps, and when. */
export function hostBackupOf(
  { backups, region }: BackupConfig,
  hourUtc: number,
): HostSpec["backup"] {
  if (backups.dump === "off") return undefined;
  return {
    endpoint: spacesEndpoint(regions[region].spacesRegionNear),
    region: regions[region].spacesRegionNear,
    retentionDays: backups.retentionDays,
    hourUtc,
  };
}

/** The secrets by which that host reaches the bucket. */
export function backupSecrets(bucket: BackupBucket | undefined) {
  return {
    "backup-bucket": bucket?.bucketName,
    "backup-access-key": bucket?.accessKey,
    "backup-secret-key": bucket?.secretKey,
  };
}
