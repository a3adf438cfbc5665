import type { Failure } from "../api/failure";

/** The API writes for programs that read it; these are for who looks at the page. */
const words: Readonly<Record<string, string>> = {
  read_only: "Changes are paused for a moment. Nothing is lost.",
  outcome_unknown: "The connection broke while your change was being saved.",
  database_unavailable: "The cards cannot be reached right now.",
  database_permission_denied: "The cards cannot be reached right now.",
  database_slow: "This takes longer than it should.",
  database_busy: "A lot is going on right now.",
  idempotency_key_in_progress: "Your last try is still being worked on.",
};

export function readable(failure: Failure): string {
  return words[failure.code] ?? failure.message;
}

/** What to quote when asking for help; only for faults of the service. */
export function reference(failure: Failure): string | undefined {
  return failure.status >= 500 ? failure.details.requestId : undefined;
}
