import { setTimeout as sleep } from "node:timers/promises";
import type { SampleEcs } from "./sampleEcs";

/** Visits all the while, until it is called; the statuses that came, and who answered. */
export function visitor(sample: SampleEcs) {
  const seen = {
    statuses: new Set<number>(),
    versions: new Set<string>(),
    errors: [] as unknown[],
  };
  const end = new AbortController();
  const visits = (async () => {
    while (!end.signal.aborted) {
      const answer = await sample.visit().catch((error: unknown) => {
        seen.errors.push(error);
        return undefined;
      });
      if (answer) {
        seen.statuses.add(answer.status);
        seen.versions.add(answer.seen.version);
      }
      await sleep(10);
    }
  })();
  return async () => {
    end.abort();
    await visits;
    return seen;
  };
}
