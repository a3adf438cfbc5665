import type { UserCache } from "./cache";
import type { ControlWatch } from "./control";
import type { Database } from "./db";
import type { Health } from "./routes/health";

/** A poll older than this counts as no answer, even while the next is still waited for. */
const STALE_MS = 3_000;

export interface ReadinessNeeds {
  readonly draining: boolean;
  readonly control: ControlWatch;
  readonly database: Database;
  readonly cache: UserCache;
}

/**
 * Ready: Postgres answers. Degraded: so it is, but without Redis or the replica, or read-only (by its
 * mode, or because a fail-over left a standby here). The control poll is the probe, so a balancer's
 * questions cost the database nothing. A process that forwards needs no database of its own.
 */
export function readinessOf(needs: ReadinessNeeds): Health {
  const { mode, epoch, forwardTo } = needs.control.state;
  const { reachable, ageMs, problem, standby } = needs.control.health;
  const answers = reachable && ageMs !== undefined && ageMs <= STALE_MS;
  const redis = needs.cache.up;
  const replica = needs.database.replicaUp;
  const usable = answers || mode === "forward";
  const writable = mode === "open" && !standby;
  const full = answers && writable && redis !== false && replica !== false;
  return {
    status: needs.draining || !usable ? "not-ready" : full ? "ready" : "degraded",
    checks: {
      draining: needs.draining,
      postgres: answers ? (standby ? "read-only" : "up") : (problem ?? "too slow"),
      redis: word(redis),
      replica: word(replica),
      control: {
        mode,
        epoch: epoch ?? null,
        forwardTo: forwardTo?.origin ?? null,
        ageMs: ageMs ?? null,
      },
    },
  };
}

function word(up: boolean | undefined): string {
  if (up === undefined) return "not configured";
  return up ? "up" : "down";
}
