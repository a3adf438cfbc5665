import * as pulumi from "@pulumi/pulumi";
import type { BackupBucket } from "../components/backup/spacesBucket";
import type { Postgres } from "../components/contracts";
import type { TierOutputs } from "./outputs";

/** The secrets by which a host reaches the database, in each of its roles. */
export function databaseSecrets(postgres: Postgres) {
  return {
    "database-url": postgres.appUrl,
    "database-owner-url": postgres.ownerUrl,
    "database-admin-url": postgres.adminUrl,
    "database-ca": postgres.caCertificate,
  };
}

/** The output that a promotion and a restore drill need, the same of every tier. */
export function adminOutput(
  postgres: Postgres,
  backup: BackupBucket | undefined,
  /** URLs of the read replicas; undefined in a tier that has none. */
  replicaUrls?: readonly pulumi.Output<string>[],
): TierOutputs["admin"] {
  return pulumi.secret({
    databaseAdminUrl: postgres.adminUrl ?? "",
    databaseOwnerUrl: postgres.ownerUrl,
    databaseAppUrl: postgres.appUrl,
    ...(replicaUrls && { databaseReplicaUrls: replicaUrls }),
    backupBucket: backup?.bucketName ?? "",
    backupAccessKey: backup?.accessKey ?? "",
    backupSecretKey: backup?.secretKey ?? "",
  });
}
