import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import type { IncomingMessage, RequestListener } from "node:http";
import type { Config } from "./config";
import type { ControlWatch } from "./control";
import { HttpError, readOnlyError } from "./errors";
import type { Forwarder } from "./forward";
import type { Logger } from "./log";
import { answerErrors, bodyLength, bodyTooLarge, notesOf, observeRequests } from "./requests";
import { type Health, healthRoutes } from "./routes/health";
import { assets, page } from "./routes/page";
import { userRoutes, type UserRoutesNeeds } from "./routes/users";

export interface AppNeeds extends UserRoutesNeeds {
  readonly config: Config;
  readonly log: Logger;
  readonly control: ControlWatch;
  readonly forwarder: Forwarder;
  readonly readiness: () => Health;
  readonly draining: () => boolean;
  /** Throws for a request that went round the CDN. */
  readonly requireOrigin: (request: IncomingMessage) => void;
  /** The visitor's address, for the log. */
  readonly visitor: (request: Request) => string | undefined;
  /** Where the built page lies. */
  readonly publicDirectory: string;
}

/** Bytes. */
export const BODY_LIMIT = 16_384;

/** The order of the handlers is the order of what a request meets. */
export function createApp(needs: AppNeeds): RequestListener {
  const app = express();
  const observe = observeRequests(needs.metrics, needs.log, needs.visitor);
  const answer = answerErrors(needs.log);
  app.disable("x-powered-by");
  app.set("trust proxy", needs.config.trustProxy);
  app.set("query parser", "simple");
  app.use(observe);
  app.use(closeWhileDraining(needs));
  app.use(refuseBrokenEscapes);
  app.use(healthRoutes(needs.readiness));
  app.use(safetyHeaders, throughCdn(needs));
  app.use("/assets", assets(needs.publicDirectory));
  app.use(forwardIfTold(needs));
  app.use(refuseWritesIfFenced(needs));
  app.use("/api", requireJson, express.json({ limit: BODY_LIMIT, strict: true }));
  app.use("/api", userRoutes(needs));
  app.use("/api", notFound);
  app.use(page(needs.publicDirectory));
  app.use(notFound);
  app.use(answer);
  return (request, response) => {
    app(request as Request, response as Response, () => {
      const cut = () => request.socket.destroy();
      // Too late for another answer.
      if (response.headersSent) cut();
      else refuseUnreadable(request as Request, response as Response, observe, answer, cut);
    });
  };
}

/** A target such as `http://[::1/x`: Express finds no path in it, and so shows it to no handler. */
function refuseUnreadable(
  request: Request,
  response: Response,
  observe: RequestHandler,
  answer: ErrorRequestHandler,
  cut: () => void,
): void {
  const error = new HttpError(400, "bad_request", "The request could not be read.");
  void observe(request, response, () => {
    void answer(error, request, response, cut);
  });
}

/** A connection that stays open would hold up the end of the process. */
function closeWhileDraining(needs: AppNeeds): RequestHandler {
  return (_request, response, next) => {
    if (needs.draining()) response.setHeader("Connection", "close");
    next();
  };
}

/** Whoever serves files takes such a path for one that is not there, which would be the page. */
const refuseBrokenEscapes: RequestHandler = (request, _response, next) => {
  try {
    decodeURIComponent(request.path);
  } catch (cause) {
    throw new HttpError(400, "bad_request", "The request could not be read.", { cause });
  }
  next();
};

/** What the scaling document's nginx sets; other tiers have no nginx. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "connect-src 'self' ws: wss:",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join("; ");

const safetyHeaders: RequestHandler = (_request, response, next) => {
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("X-Frame-Options", "SAMEORIGIN");
  response.setHeader("Referrer-Policy", "strict-origin-when-cross-origin");
  // The page is files of its own and a websocket; nothing inline, nothing from elsewhere.
  response.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
  next();
};

function throughCdn(needs: AppNeeds): RequestHandler {
  return (request, _response, next) => {
    needs.requireOrigin(request);
    next();
  };
}

function forwardIfTold(needs: AppNeeds): RequestHandler {
  return async (request, response, next) => {
    const { forwardTo } = needs.control.state;
    if (!forwardTo) {
      next();
      return;
    }
    notesOf(response).route = "forward";
    // The other tier would refuse it and hang up before it is sent, which looks like a broken tier.
    if (tooLong(bodyLength(request))) throw bodyTooLarge();
    // The other tier logs the same id.
    request.headers["x-request-id"] = notesOf(response).requestId;
    await needs.forwarder.http(forwardTo, request, response);
  };
}

/** Saves the way to the database; what slips through is refused there, under the lock. */
function refuseWritesIfFenced(needs: AppNeeds): RequestHandler {
  return (request, _response, next) => {
    const writes = !["GET", "HEAD", "OPTIONS"].includes(request.method);
    if (writes && needs.control.state.mode === "readonly") throw readOnlyError();
    next();
  };
}

/** By the header; a body sent in chunks has no length and is counted as it arrives. */
function tooLong(length: number): boolean {
  return Number.isFinite(length) && length > BODY_LIMIT;
}

/** Refuses by the headers alone; the parser would take the whole body in first. */
const requireJson: RequestHandler = (request, _response, next) => {
  const length = bodyLength(request);
  if (length > 0 && !request.is("application/json")) {
    throw new HttpError(415, "unsupported_media_type", "The body must be application/json.");
  }
  if (tooLong(length)) throw bodyTooLarge();
  next();
};

const notFound: RequestHandler = () => {
  throw new HttpError(404, "not_found", "There is nothing here.");
};
