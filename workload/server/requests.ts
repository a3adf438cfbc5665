import type { NextFunction, Request, RequestHandler, Response } from "express";
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Logger } from "./log";
import { HttpError, toHttpError } from "./errors";
import type { Metrics } from "./metrics";

/** Bytes of a refused body that are taken in to keep the connection. */
const WORTH_READING = 1_048_576;

/** What this server notes down about a request while it works on it. */
export interface RequestNotes {
  requestId: string;
  /** The route's pattern; labels must not grow with the number of users. */
  route: string;
}

export function notesOf(response: Response): RequestNotes {
  return response.locals as unknown as RequestNotes;
}

/** Gives each request an id, and measures and logs its end. */
export function observeRequests(
  metrics: Metrics,
  log: Logger,
  visitor: (request: Request) => string | undefined,
): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const notes = notesOf(response);
    // Routers shorten it on the way. Express's own view of it throws where there is no path.
    const [path] = request.url.split("?");
    notes.requestId = requestIdOf(request.get("x-request-id"));
    notes.route = "unmatched";
    response.setHeader("X-Request-Id", notes.requestId);
    response.on("close", () => {
      const seconds = (performance.now() - started) / 1_000;
      // The visitor left before the end: no status of ours, as nginx counts it.
      const status = response.writableFinished ? response.statusCode : 499;
      metrics.request(seconds, methodLabel(request.method), notes.route, status);
      const level = notes.route === "health" ? "debug" : status >= 500 ? "warn" : "info";
      log[level](
        {
          requestId: notes.requestId,
          method: request.method,
          // Without the query, which may carry what is nobody's business.
          path,
          route: notes.route,
          status,
          ms: Math.round(seconds * 10_000) / 10,
          ip: visitor(request),
        },
        "request",
      );
    });
    next();
  };
}

/** The last handler: an answer in the API's shape, and nothing of what went wrong inside. */
export function answerErrors(log: Logger) {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request: Request, response: Response, next: NextFunction): void => {
    const { requestId } = notesOf(response);
    const answer = ofParser(error) ?? toHttpError(error);
    if (answer.status >= 500 && answer.code !== "read_only") {
      const cause = answer.options.cause ?? error;
      log[answer.status === 500 ? "error" : "warn"]({ err: cause, requestId }, answer.code);
    }
    if (response.headersSent) {
      // Too late for an answer: the connection is cut, which tells the client.
      next(error);
      return;
    }
    // A little more is read and thrown away, or a client that still sends would miss the answer.
    if (bodyLength(request) > WORTH_READING) response.setHeader("Connection", "close");
    sendError(response, answer);
  };
}

function sendError(response: Response, error: HttpError): void {
  const { requestId } = notesOf(response);
  const { retryAfterSeconds } = error.options;
  if (retryAfterSeconds !== undefined) response.setHeader("Retry-After", String(retryAfterSeconds));
  response.setHeader("Cache-Control", "no-store");
  response
    .status(error.status)
    .json({ error: { code: error.code, message: error.message, requestId } });
}

export function bodyTooLarge(): HttpError {
  return new HttpError(413, "body_too_large", "The body is larger than 16 KiB.");
}

/** Faults of the request itself, as Express and its body parser report them. */
function ofParser(error: unknown): HttpError | undefined {
  if (error instanceof HttpError || !(error instanceof Error)) return undefined;
  const { type, status } = error as { type?: unknown; status?: unknown };
  switch (type) {
    case "entity.parse.failed":
      return new HttpError(400, "malformed_json", "The body is not valid JSON.");
    case "entity.too.large":
      return bodyTooLarge();
    case "encoding.unsupported":
    case "charset.unsupported":
      return new HttpError(415, "unsupported_encoding", "The body must be UTF-8 JSON.");
    default:
      return typeof status === "number" && status >= 400 && status < 500
        ? new HttpError(status, "bad_request", "The request could not be read.")
        : undefined;
  }
}

/** Bytes that the request says it has; chunks do not say. */
export function bodyLength(request: IncomingMessage): number {
  if (request.headers["transfer-encoding"] !== undefined) return Number.POSITIVE_INFINITY;
  return Number(request.headers["content-length"] ?? 0);
}

function requestIdOf(given: string | undefined): string {
  return given !== undefined && /^[A-Za-z0-9._-]{1,128}$/.test(given) ? given : randomUUID();
}

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** A visitor chooses the method, but not how many label values there are. */
function methodLabel(method: string): string {
  return methods.has(method) ? method : "OTHER";
}
