import { describe, expect, it } from "vitest";
import { createApi } from "./client";
import { Failure, parseRetryAfter } from "./failure";

interface Sent {
  readonly path: string;
  readonly init: RequestInit;
}

function answering(...answers: (Response | Error)[]) {
  const sent: Sent[] = [];
  const fetcher = async (path: unknown, init?: RequestInit) => {
    sent.push({ path: String(path), init: init ?? {} });
    const answer = answers.shift() ?? new Error("no answer left");
    if (answer instanceof Error) throw answer;
    return await Promise.resolve(answer);
  };
  return { api: createApi(fetcher), sent };
}

const { signal } = new AbortController();
const json = (status: number, body: object, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

async function failure(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failure)) throw new Error(`not a Failure: ${String(error)}`);
  return error;
}

describe("requests", () => {
  it("carry the key and the body of a change", async () => {
    const drop = { id: "5", userId: "7", cards: [] };
    const { api, sent } = answering(json(201, { drop }));
    expect(await api.openDrop("7", "premium", "key-of-this", signal)).toEqual(drop);
    expect(sent[0]?.path).toBe("/api/users/7/drops");
    expect(sent[0]?.init).toMatchObject({
      method: "POST",
      body: '{"pack":"premium"}',
      headers: { "Idempotency-Key": "key-of-this", "Content-Type": "application/json" },
    });
  });

  it("ask for a page of cards", async () => {
    const page = { cards: [], nextCursor: null };
    const { api, sent } = answering(json(200, page), json(200, page));
    await api.cards("7", { includeRefunded: false }, signal);
    await api.cards("7", { cursor: "a+b", includeRefunded: true }, signal);
    expect(sent.map(({ path }) => path)).toEqual([
      "/api/users/7/cards",
      "/api/users/7/cards?cursor=a%2Bb&includeRefunded=true",
    ]);
  });
});

describe("failures", () => {
  it("carry what the API says", async () => {
    const error = { code: "read_only", message: "Writes are paused.", requestId: "r-1" };
    const { api } = answering(json(503, { error }, { "retry-after": "3" }));
    const said = await failure(api.refund("7", "9", "key-of-this", signal));
    expect(said).toMatchObject({ status: 503, code: "read_only", message: "Writes are paused." });
    expect(said.details).toEqual({ retryAfterSeconds: 3, requestId: "r-1" });
    expect(said.passing).toBe(true);
  });

  it("are put into words where a proxy answers with a page of its own", async () => {
    const { api } = answering(new Response("<html>Bad gateway", { status: 502 }));
    const said = await failure(api.summary("7", signal));
    expect(said).toMatchObject({ status: 502, code: "http_502", passing: true });
    expect(said.message).toBe("The service does not answer at the moment.");
  });

  it("count a lost connection and half an answer as none", async () => {
    const { api } = answering(new TypeError("Failed to fetch"), new Response('{"drop":'));
    expect((await failure(api.summary("7", signal))).code).toBe("no_answer");
    const half = await failure(api.openDrop("7", "standard", "key-of-this", signal));
    expect(half).toMatchObject({ code: "no_answer", passing: true });
  });

  it("are not what a visitor's own stop is", async () => {
    const controller = new AbortController();
    controller.abort();
    const { api } = answering(new DOMException("aborted", "AbortError"));
    await expect(api.summary("7", controller.signal)).rejects.toMatchObject({ name: "AbortError" });
  });

  it.each([
    [400, "invalid_request", false],
    [404, "card_not_found", false],
    [409, "already_refunded", false],
    [409, "idempotency_key_in_progress", true],
    [422, "idempotency_key_reused", false],
    [429, "slow_down", true],
    [500, "internal", false],
    [503, "outcome_unknown", true],
    [504, "http_504", true],
    [522, "http_522", true],
  ])("%i %s passes by itself: %s", (status, code, passing) => {
    expect(new Failure(status, code, "x").passing).toBe(passing);
  });
});

describe("Retry-After", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  it.each([
    [null, undefined],
    ["", undefined],
    ["7", 7],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30],
    ["Wed, 31 Dec 2025 23:00:00 GMT", 0],
    ["soon", undefined],
  ])("%s", (value, seconds) => {
    expect(parseRetryAfter(value, now)).toBe(seconds);
  });
});
