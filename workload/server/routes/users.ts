import { Router, type Request, type RequestHandler, type Response } from "express";
import type { UserCache } from "../cache";
import { listCards, openDrop, refundCard, summarize, type Drop, type Refund } from "../cards";
import type { Database, PoolClient, ReadSource } from "../db";
import { HttpError } from "../errors";
import type { Feed, FeedEvent } from "../feed";
import { once, type Answer } from "../idempotency";
import type { Metrics } from "../metrics";
import { notesOf } from "../requests";
import {
  isFirstPage,
  parseDropBody,
  parseEmptyBody,
  parseId,
  parseIdempotencyKey,
  parseListQuery,
} from "./input";

export interface UserRoutesNeeds {
  readonly database: Database;
  readonly cache: UserCache;
  readonly feed: Feed;
  readonly metrics: Metrics;
}

type Handler = (request: Request, response: Response) => Promise<void>;

/** The API: what a user holds, opens and gives back. */
export function userRoutes(needs: UserRoutesNeeds): Router {
  const router = Router({ caseSensitive: true });
  const add = (method: "get" | "post", path: string, handler: Handler) => {
    const allowed = method === "get" ? "GET, HEAD" : "POST";
    router
      .route(path)
      .all((_request, response, next) => {
        notesOf(response).route = `/api${path}`;
        response.setHeader("Cache-Control", "no-store");
        next();
      })
      [method](handler)
      .all(otherMethod(allowed));
  };
  add("get", "/users/:userId/cards", async (request, response) => {
    const userId = parseId("userId", request.params["userId"]);
    const query = parseListQuery(request.query);
    const load = (source: ReadSource) => listCards(needs.database, userId, query, source);
    const cached = isFirstPage(query);
    response.json(cached ? await needs.cache.get(userId, "cards", load) : await load("any"));
  });
  add("get", "/users/:userId/summary", async (request, response) => {
    const userId = parseId("userId", request.params["userId"]);
    const load = (source: ReadSource) => summarize(needs.database, userId, source);
    response.json(await needs.cache.get(userId, "summary", load));
  });
  add("post", "/users/:userId/drops", async (request, response) => {
    const userId = parseId("userId", request.params["userId"]);
    const { pack } = parseDropBody(request.body);
    await change(needs, request, response, userId, "open_drop", [pack], async (client) => {
      const drop = await openDrop(client, userId, pack);
      return { status: 201, body: { drop }, event: dropOpened(drop) };
    });
  });
  add("post", "/users/:userId/cards/:cardId/refund", async (request, response) => {
    const userId = parseId("userId", request.params["userId"]);
    const cardId = parseId("cardId", request.params["cardId"]);
    parseEmptyBody(request.body);
    await change(needs, request, response, userId, "refund_card", [cardId], async (client) => {
      const refund = await refundCard(client, userId, cardId);
      return { status: 200, body: { refund }, event: cardRefunded(refund) };
    });
  });
  return router;
}

interface Changed extends Answer {
  readonly event: FeedEvent;
}

/** Does a change once for its key, and tells of it after it is committed. */
async function change(
  needs: UserRoutesNeeds,
  request: Request,
  response: Response,
  userId: string,
  operation: "open_drop" | "refund_card",
  parameters: readonly string[],
  work: (client: PoolClient) => Promise<Changed>,
): Promise<void> {
  const key = parseIdempotencyKey(request.get("idempotency-key"));
  const keyed = { userId, key, fingerprint: [operation, userId, ...parameters] };
  let event: FeedEvent | undefined;
  const outcome = await once(needs.database, operation, keyed, async (client) => {
    const { event: told, ...answer } = await work(client);
    event = told;
    return answer;
  });
  // Before the answer, so that who asks next sees the change. After a replay too: the process that
  // did the work may have died before it came to this.
  await needs.cache.invalidate(userId);
  if (outcome.replayed) {
    response.setHeader("Idempotency-Replayed", "true");
  } else if (event) {
    void needs.feed.publish(event);
    if (operation === "open_drop") needs.metrics.dropOpened();
    else needs.metrics.cardRefunded();
  }
  response.status(outcome.status).json(outcome.body);
}

function dropOpened(drop: Drop): FeedEvent {
  const { id, userId, cards, openedAt } = drop;
  return { type: "drop-opened", userId, dropId: id, cards, at: openedAt };
}

function cardRefunded(refund: Refund): FeedEvent {
  const { userId, cardId, priceCents, refundedAt } = refund;
  return { type: "card-refunded", userId, cardId, priceCents, at: refundedAt };
}

function otherMethod(allowed: string): RequestHandler {
  return (_request, response) => {
    response.setHeader("Allow", allowed);
    throw new HttpError(405, "method_not_allowed", `Allowed here: ${allowed}.`);
  };
}
