export interface Pause {
  readonly over: Promise<void>;
  readonly wake: () => void;
}

/** A wait that can be cut short; it rejects when its signal says stop. */
export function pause(ms: number, signal: AbortSignal): Pause {
  let wake: () => void = () => undefined;
  const over = new Promise<void>((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      settle();
    };
    const stop = () => {
      end(() => {
        reject(new DOMException("stopped", "AbortError"));
      });
    };
    wake = () => {
      end(resolve);
    };
    const timer = setTimeout(wake, ms);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
  });
  return { over, wake };
}
