import type { AwsKind } from "../awsKind";
import { cluster } from "./auroraCluster";
import { clusterInstance } from "./auroraInstance";
import { plan, selection, vault } from "./backupKinds";
import {
  bucket,
  bucketEncryption,
  bucketOwnershipControls,
  bucketPublicAccessBlock,
  bucketVersioning,
} from "./bucket";
import { bucketLifecycle } from "./bucketLifecycle";
import { bucketPolicy } from "./bucketPolicy";
import { cacheParameterGroup } from "./cacheParameters";
import { alias, key } from "./keys";
import { clusterParameterGroup, parameterGroup } from "./parameterGroups";
import { proxy } from "./proxy";
import { proxyDefaultTargetGroup, proxyTarget } from "./proxyTargets";
import { replicationGroup } from "./replicationGroup";
import { cacheSubnetGroup, subnetGroup } from "./subnetGroups";

/** Databases, caches, objects, keys and backups. */
export const dataKinds: readonly AwsKind[] = [
  ...[subnetGroup, clusterParameterGroup, parameterGroup, cluster, clusterInstance],
  ...[proxy, proxyDefaultTargetGroup, proxyTarget],
  ...[cacheSubnetGroup, cacheParameterGroup, replicationGroup],
  ...[bucket, bucketVersioning, bucketLifecycle, bucketPolicy, bucketPublicAccessBlock],
  ...[bucketOwnershipControls, bucketEncryption],
  ...[key, alias, vault, plan, selection],
];
