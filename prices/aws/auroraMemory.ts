import { sharedBuffersPage } from "./sources";

/**
 * The default of `shared_buffers`: SUM({DBInstanceClassMemory/12038},-50003), in pages of 8 KiB. What
 * the system takes for itself is not in a class's nominal memory: the real buffers are a little smaller.
 */
const sharedBuffers = {
  bytesOfMemoryPerPage: 12_038,
  pagesLess: 50_003,
  pageBytes: 8_192,
} as const;
export const auroraSharedBuffersDated = sharedBuffersPage;

/** Bytes that an instance with so much memory sets aside for pages of the database, from its start on. */
export function auroraSharedBufferBytes(memoryGib: number): number {
  const { bytesOfMemoryPerPage, pagesLess, pageBytes } = sharedBuffers;
  const pages = Math.floor((memoryGib * 2 ** 30) / bytesOfMemoryPerPage) - pagesLess;
  return Math.max(0, pages * pageBytes);
}
