/** The end of a process: all of it within five sixths of the time after which it is killed. */
export function endingWithin(graceSeconds: number) {
  const timeoutMs = Math.floor((graceSeconds * 1_000 * 5) / 6);
  return {
    SHUTDOWN_TIMEOUT_MS: String(timeoutMs),
    // Requests on their way when it was told to end still find it.
    SHUTDOWN_DELAY_MS: String(Math.min(2_000, Math.floor(timeoutMs / 10))),
  };
}
