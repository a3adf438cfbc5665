import { DatabaseSlug, DropletSlug } from "@pulumi/digitalocean/types/enums";
import {
  advancedPostgres,
  assumedAdvancedConnections,
  dropletSizes,
  findAdvancedPostgresSize,
  findPostgresSize,
  findValkeySize,
  postgresSizes,
  valkeySizes,
} from "../../prices/digitalocean";

/**
 * What can be bought, from two lists: the project's price book, and the words that the provider's
 * SDK 4.80.1 (2026-09-22) knows. A size that either names is accepted; what neither names is invented.
 */
export const dropletSlugs: ReadonlySet<string> = new Set([
  ...Object.keys(dropletSizes),
  ...Object.values(DropletSlug),
]);

/**
 * Images of the embedded cloud. Servers here read a cloud-config and run the app's processes
 * whatever the image, so these are the ones whose bootstrap is tried with real systems
 * (Debian), and the Ubuntu releases that DigitalOcean listed in October 2026.
 */
export const images: readonly string[] = [
  "debian-12-x64",
  "debian-13-x64",
  "ubuntu-22-04-x64",
  "ubuntu-24-04-x64",
  "ubuntu-26-04-x64",
];

/** Sizes by engine. Which of them belong to the Advanced edition alone no source says. */
export const databaseSlugs = {
  pg: new Set<string>([
    ...Object.keys(postgresSizes),
    ...Object.values(DatabaseSlug),
    ...advancedPostgres.sizes,
  ]),
  advanced_pg: new Set<string>([...advancedPostgres.sizes, ...Object.keys(postgresSizes)]),
  valkey: new Set<string>([...Object.keys(valkeySizes), ...Object.values(DatabaseSlug)]),
} as const;

export type DatabaseEngine = keyof typeof databaseSlugs;

/** Memory of a database size, GiB; its slug says it. */
export function databaseMemoryGib(slug: string): number | undefined {
  const known = findPostgresSize(slug) ?? findValkeySize(slug);
  const said = /-(\d+)gb(-|$)/.exec(slug)?.[1];
  return known?.memoryGib ?? (said === undefined ? undefined : Number(said));
}

/**
 * Connections that clients may open: published for Standard sizes, taken to be like them for Advanced
 * ones. A size that neither table has counts as the one with as much memory.
 */
export function connectionLimitOf(size: string): number {
  const known = findPostgresSize(size);
  if (known) return known.connectionLimit;
  const advanced = findAdvancedPostgresSize(size);
  if (advanced) return assumedAdvancedConnections(advanced);
  const memory = databaseMemoryGib(size) ?? 1;
  const rows = Object.values(postgresSizes);
  const fitting = rows.filter(({ memoryGib }) => memoryGib <= memory).at(-1) ?? rows[0];
  return fitting?.connectionLimit ?? 22;
}
