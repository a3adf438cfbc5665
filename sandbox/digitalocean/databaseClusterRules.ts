import {
  advancedPostgres,
  findPostgresSize,
  findValkeySize,
  postgresLimits,
  postgresVersions,
  regions,
  standardPlanChange,
} from "../../prices/digitalocean";
import { CloudError, type Operation } from "../cloud/kind";
import { databaseMemoryGib, databaseSlugs, type DatabaseEngine } from "./catalogue";
import type { ClusterInputs } from "./databaseCluster";
import { requireRegion } from "./shapes";

export type Clock = () => Date;

const evictionPolicies = [
  ...["noeviction", "allkeys_lru", "allkeys_random"],
  ...["volatile_lru", "volatile_random", "volatile_ttl"],
];

/** What only the API refuses about a cluster. */
export function refuseCluster({ inputs, before }: Operation, now: Date): void {
  const given = inputs as ClusterInputs;
  const engine = requireEngine(given.engine);
  requireName(given.name ?? "");
  requirePlace(given.region);
  requireVersion(engine, given.version);
  if (!databaseSlugs[engine].has(given.size)) {
    throw new CloudError(
      422,
      `invalid size "${given.size}" for ${engine}; such as ${[...databaseSlugs[engine]].slice(0, 3).join(", ")}`,
    );
  }
  requireNodes(engine, given);
  if (given.evictionPolicy !== undefined && !evictionPolicies.includes(given.evictionPolicy)) {
    throw new CloudError(
      422,
      `invalid eviction_policy "${given.evictionPolicy}"; allowed: ${evictionPolicies.join(", ")}`,
    );
  }
  requireStorage(engine, given);
  if (given.backupRestore) {
    throw new CloudError(422, "backup_restore: the embedded cloud keeps no backups of databases");
  }
  // What never came to run is as good as new.
  if (before?.ready) refuseChange(given, before.inputs as ClusterInputs);
  else if (engine === "pg") requireOnSale(given, now);
}

function requireEngine(engine: string): DatabaseEngine {
  if (Object.hasOwn(databaseSlugs, engine)) return engine as DatabaseEngine;
  const instead = engine === "redis" ? " (Redis can no longer be created: use valkey)" : "";
  throw new CloudError(
    422,
    `invalid engine "${engine}"${instead}; the embedded cloud has ${Object.keys(databaseSlugs).join(", ")}`,
  );
}

function requireName(name: string): void {
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) return;
  throw new CloudError(
    422,
    `invalid cluster name "${name}": lower-case letters, digits and hyphens between them`,
  );
}

function requirePlace(slug: string): void {
  const region = requireRegion(slug);
  if (regions[region].managedPostgres) return;
  const offering = Object.keys(regions).filter(
    (name) => regions[name as typeof region].managedPostgres,
  );
  throw new CloudError(
    412,
    `unable to create in region ${slug}; possible in ${offering.join(", ")}`,
  );
}

function requireVersion(engine: DatabaseEngine, version: string): void {
  const allowed: readonly string[] = {
    pg: Object.keys(postgresVersions),
    advanced_pg: advancedPostgres.versions,
    // The only one on sale; facts of 2026-09-30.
    valkey: ["8"],
  }[engine];
  if (allowed.includes(version)) return;
  throw new CloudError(
    422,
    `invalid version "${version}" for ${engine}; allowed: ${allowed.join(", ")}`,
  );
}

function requireNodes(engine: DatabaseEngine, { nodeCount, size }: ClusterInputs): void {
  const standby =
    (engine === "valkey" ? findValkeySize(size) : findPostgresSize(size))?.standby !== false;
  const most = {
    pg: standby ? postgresLimits.maxNodes : 1,
    advanced_pg: Math.max(...advancedPostgres.nodeCounts),
    // One primary and its one standby.
    valkey: standby ? 2 : 1,
  }[engine];
  if (nodeCount <= most) return;
  throw new CloudError(
    422,
    `invalid number of nodes ${nodeCount} for ${engine} of size ${size}: at most ${most}`,
  );
}

function requireStorage(engine: DatabaseEngine, { size, storageSizeMib }: ClusterInputs): void {
  if (storageSizeMib === undefined) return;
  if (engine === "valkey") {
    throw new CloudError(422, "storage_size_mib: a Valkey cluster has the storage of its size");
  }
  const least = findPostgresSize(size)?.minStorageGib;
  if (least && Number(storageSizeMib) < least * 1_024) {
    throw new CloudError(
      422,
      `storage_size_mib: size ${size} has at least ${least * 1_024}, got ${storageSizeMib}`,
    );
  }
}

/** A new Standard cluster after the announced plan change; those that exist stay as they are. */
function requireOnSale({ nodeCount, size }: ClusterInputs, now: Date): void {
  if (now.toISOString().slice(0, 10) < standardPlanChange.date) return;
  const memory = databaseMemoryGib(size) ?? 0;
  if (nodeCount === 1 && memory <= standardPlanChange.maxMemoryGib) return;
  const asked = nodeCount > 1 ? `${nodeCount} nodes` : `${memory} GiB of memory`;
  throw new CloudError(422, `${asked} cannot be had: ${standardPlanChange.reason}`);
}

/** A cluster grows and never shrinks. */
function refuseChange(given: ClusterInputs, before: ClusterInputs): void {
  const [from, to] = [databaseMemoryGib(before.size) ?? 0, databaseMemoryGib(given.size) ?? 0];
  if (to < from) {
    throw new CloudError(
      422,
      `nodes cannot be resized smaller: ${given.size} has ${to} GiB of memory, ${before.size} has ${from}`,
    );
  }
  if (Number(given.storageSizeMib ?? Infinity) < Number(before.storageSizeMib ?? 0)) {
    throw new CloudError(
      422,
      `storage cannot shrink: ${String(given.storageSizeMib)} MiB, it has ${String(before.storageSizeMib)}`,
    );
  }
  if (given.version !== before.version) {
    // DigitalOcean upgrades in place; two majors of Postgres do not share a directory here.
    throw new CloudError(
      422,
      `the embedded cloud cannot change a cluster's version (${before.version} to ${given.version})`,
    );
  }
  if (given.region !== before.region) {
    throw new CloudError(422, "the embedded cloud cannot move a cluster to another region");
  }
}
