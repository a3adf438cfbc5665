import type { Headers } from "../headers";

/** Bytes of a body that the edge keeps at most; larger ones pass through. */
export const MAX_ENTRY_BYTES = 5 * 1024 * 1024;
/** Bytes of all bodies together. */
const MAX_BYTES = 64 * 1024 * 1024;
/** What an entry costs beside its texts, bytes. */
const OVERHEAD_BYTES = 1024;

/** An answer that is kept. */
export interface CacheEntry {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
  readonly freshUntil: number;
}

/** Answers by their key; the one that was not asked for longest goes first. */
export class CacheStore {
  private readonly entries = new Map<string, CacheEntry>();
  private used = 0;

  constructor(private readonly maxBytes = MAX_BYTES) {}

  get size(): number {
    return this.entries.size;
  }

  get bytes(): number {
    return this.used;
  }

  get(key: string): CacheEntry | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    // A map keeps the order of insertion: the last one asked for goes to the end.
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry;
  }

  put(key: string, entry: CacheEntry): void {
    this.delete(key);
    this.entries.set(key, entry);
    this.used += sizeOf(key, entry);
    for (const oldest of this.entries.keys()) {
      if (this.used <= this.maxBytes) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    this.entries.delete(key);
    this.used -= sizeOf(key, entry);
  }
}

function sizeOf(key: string, { body, headers }: CacheEntry): number {
  const texts = [key, ...[...headers].flatMap(([name, values]) => [name, ...values])];
  return texts.reduce((sum, text) => sum + text.length, body.length + OVERHEAD_BYTES);
}
