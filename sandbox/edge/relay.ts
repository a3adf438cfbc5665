import type { Readable, Writable } from "node:stream";
import { MAX_ENTRY_BYTES } from "./cache/cacheStore";

/** Where an answer's body goes: to the visitor, or to the snippet that asked for it. */
export type Sink = Writable & { flushHeaders(): void };

interface RelayOptions {
  readonly source: Readable;
  /** Its head is prepared. */
  readonly sink: Sink;
  /** False for a visitor who asked for the head alone, and has been answered. */
  readonly wantsBody: boolean;
  /** Reads on at the origin's speed, and after the visitor has left, up to the cache's limit. */
  readonly keeps: boolean;
  /** Called once it is clear that the body is too large to keep. */
  readonly onTooLarge?: () => void;
  /** The longest pause of the origin, milliseconds. */
  readonly readTimeout: number;
}

/**
 * Streams an origin's body to the visitor, as fast as the visitor reads. Resolves with the whole
 * body where it is to be kept. A body that breaks off breaks off at the visitor too, so that nobody
 * takes it for whole.
 */
export async function relay(options: RelayOptions): Promise<Buffer | undefined> {
  const { source, sink, wantsBody, readTimeout } = options;
  let kept: Buffer[] | undefined = options.keeps ? [] : undefined;
  let bytes = 0;
  let isWhole = false;
  // The visitor need not wait for the body's first part.
  if (wantsBody) sink.flushHeaders();
  return await new Promise((resolve) => {
    const pause = setTimeout(() => {
      // A visitor who reads slowly is no pause of the origin.
      if (source.isPaused()) pause.refresh();
      else source.destroy();
    }, readTimeout);
    source.on("data", (chunk: Buffer) => {
      pause.refresh();
      bytes += chunk.length;
      kept?.push(chunk);
      if (kept && bytes > MAX_ENTRY_BYTES) {
        kept = undefined;
        options.onTooLarge?.();
      }
      const isRead = wantsBody && !sink.destroyed;
      if (isRead && !sink.write(chunk) && !kept) source.pause();
      if (!isRead && !kept) source.destroy();
    });
    sink.on("drain", () => source.resume());
    sink.on("close", () => {
      if (kept) source.resume();
      else if (!isWhole) source.destroy();
    });
    source.on("end", () => {
      isWhole = true;
    });
    source.on("error", () => undefined);
    source.on("close", () => {
      clearTimeout(pause);
      if (wantsBody && isWhole) sink.end();
      else if (wantsBody) sink.destroy();
      resolve(isWhole && kept ? Buffer.concat(kept) : undefined);
    });
  });
}
