/** An answer other than success: what the client is told, and nothing else. */
export class HttpError extends Error {
  override readonly name = "HttpError";

  constructor(
    readonly status: number,
    /** Stable word for programs, in snake_case. */
    readonly code: string,
    message: string,
    readonly options: { readonly retryAfterSeconds?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
  }
}

/** The database refuses writes: fenced by `drops_control`, or read-only by itself. */
export function readOnlyError(): HttpError {
  return new HttpError(503, "read_only", "Writes are paused for a moment; try again.", {
    retryAfterSeconds: 1,
  });
}

/** No connection could be had: nobody answers there, or the app's role is not let in. */
export function databaseUnavailable(cause: unknown): HttpError {
  if (classify(cause) === "permission-denied") return permissionDenied(cause);
  return new HttpError(503, "database_unavailable", "The database cannot be reached; try again.", {
    retryAfterSeconds: 2,
    cause,
  });
}

/**
 * The app's role lacks a right. Trying again helps the client: a promotion takes rights away until the
 * next tier has taken over. Where it does not pass, somebody has to GRANT, and must be able to tell
 * it from a database that is down.
 */
function permissionDenied(cause: unknown): HttpError {
  return new HttpError(503, DENIED, "The database refuses this at the moment; try again.", {
    retryAfterSeconds: 2,
    cause,
  });
}

const DENIED = "database_permission_denied";

/** COMMIT was sent and no answer came: it may or may not have happened. */
export function outcomeUnknown(cause: unknown): HttpError {
  return new HttpError(
    503,
    "outcome_unknown",
    "The connection broke while the change was being saved. Send the same request with the same " +
      "Idempotency-Key again: it will not happen twice.",
    { retryAfterSeconds: 1, cause },
  );
}

/** Turns what Postgres or its driver says into an answer; anything else is a fault of ours (500). */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const kind = classify(error);
  switch (kind) {
    case "connection":
      return databaseUnavailable(error);
    case "permission-denied":
      return permissionDenied(error);
    case "read-only":
      return readOnlyError();
    case "too-slow":
      return new HttpError(503, "database_slow", "The database took too long; try again.", {
        retryAfterSeconds: 2,
        cause: error,
      });
    case "busy":
      return new HttpError(503, "database_busy", "The database is busy; try again.", {
        retryAfterSeconds: 1,
        cause: error,
      });
    case "other":
      return new HttpError(500, "internal", "Something went wrong on our side.", { cause: error });
  }
}

/** `/readyz` and the log show these words to whoever looks for the reason. */
export type DatabaseFault =
  "connection" | "permission-denied" | "read-only" | "too-slow" | "busy" | "other";

/** What an error means for the caller, by SQLSTATE and the driver's own words. */
export function classify(error: unknown): DatabaseFault {
  if (!(error instanceof Error)) return "other";
  if (error instanceof HttpError) {
    if (error.code === DENIED) return "permission-denied";
    return error.code === "database_unavailable" ? "connection" : "other";
  }
  const { code } = error as { code?: unknown };
  const state = typeof code === "string" ? code : "";
  if (state === "25006") return "read-only";
  // At connect it is REVOKE CONNECT, later a right on a table.
  if (state === "42501") return "permission-denied";
  // Statement timeout and cancellation; a replica that had to cancel a read says 40001 or 40P01.
  if (state === "57014" || error.message === "Query read timeout") return "too-slow";
  if (["40001", "40P01", "55P03", "53300", "53400"].includes(state)) return "busy";
  // The pool's own words: all its connections are in use or still being opened.
  if (error.message === "timeout exceeded when trying to connect") return "busy";
  // 08: connection, 57P: shutdown and crash recovery, 28: the role may not connect (a fence), 3D000.
  // 53: disk, memory or connections of the server ran out; 25P: it ended a session that waited.
  if (/^(08|53|57P|28|25P0[345])/.test(state) || state === "3D000") return "connection";
  if (networkCodes.has(state) || /^ERR_(SSL|TLS)_/.test(state)) return "connection";
  return driverMessages.test(error.message) ? "connection" : "other";
}

/**
 * Whether a COMMIT that failed so may have happened all the same. Only what the server itself says, by
 * an SQLSTATE, is a refusal; faults of the network, of TLS and of the driver have none, and are not all
 * known by name. What the server says when it goes or gives up tells nothing of the outcome either.
 */
export function leavesOutcomeUnknown(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  // Node's codes, EPIPE for one, begin with an E; no class of SQLSTATE does.
  const saidByServer = typeof code === "string" && /^(?!E)[0-9A-Z]{5}$/.test(code);
  return !saidByServer || ["connection", "too-slow"].includes(classify(error));
}

const networkCodes = new Set([
  "EADDRNOTAVAIL",
  "ECANCELED",
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETRESET",
  "ENETUNREACH",
  "ENOBUFS",
  "ENOTCONN",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "EPROTO",
  "ESHUTDOWN",
  "ETIMEDOUT",
]);

/** The driver reports a lost connection in words only. */
const driverMessages =
  /Connection terminated|connection error and is not queryable|Client was closed|Connection ended|Cannot use a pool after calling end|timeout expired/i;
