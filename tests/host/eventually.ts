import { setTimeout as sleep } from "node:timers/promises";

/** Waits until `probe` does not throw any more. */
export async function eventually<T>(probe: () => T | Promise<T>, seconds = 15): Promise<T> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}
