import { type CacheEntry, CacheStore, MAX_ENTRY_BYTES } from "../cache/cacheStore";
import { Fills } from "../cache/fills";
import { isNotModified } from "../cache/preconditions";
import { type AnswerHead, type AnswerSink, headOf } from "../exchange";
import { EdgeFailure } from "../failure";
import type { Headers, MutableHeaders } from "../headers";
import type { OriginClient } from "../origin/originClient";
import { withoutConditions } from "../origin/originRequest";
import type { OriginTarget } from "../origin/originTarget";
import { relay } from "../relay";
import { cacheEncodings, cacheKey, keeps } from "./behavior";
import { compressed, isCompressible } from "./compression";
import { lifetime } from "./lifetime";
import type { Viewing } from "./originRequest";

/** What CloudFront says in `x-cache`. */
export type CacheResult = "Hit" | "Miss" | "RefreshHit" | "Error";

/** One question of a behavior that keeps answers. */
interface CachedQuestion {
  readonly viewing: Viewing;
  /** Path and query for the origin. */
  readonly path: string;
  /** For the origin. */
  readonly headers: Headers;
  /** @throws EdgeFailure where nothing takes the connection */
  readonly locate: () => OriginTarget;
  readonly readTimeout: number;
  readonly answer: {
    readonly begin: (head: AnswerHead, result: CacheResult) => void;
    readonly body: AnswerSink["body"];
  };
  /** Ends what is asked for a viewer who has left, where nobody else waits for it. */
  readonly gone?: AbortSignal;
  /** The page of a failure. */
  readonly failed: (failure: EdgeFailure) => Pick<CacheEntry, "status" | "headers" | "body">;
}

interface Needs {
  readonly client: OriginClient;
  readonly now: () => number;
}

/** Answers of a distribution from CloudFront's cache, or from the origin through it. */
export class CachedBehavior {
  readonly store = new CacheStore();
  hits = 0;
  private readonly fills = new Fills();

  constructor(private readonly needs: Needs) {}

  async answer(question: CachedQuestion): Promise<void> {
    const { distribution, behavior, view } = question.viewing;
    const key = cacheKey(distribution, behavior, view);
    if (this.serveFresh(question, key)) return;
    if (!keeps(behavior)) {
      await this.pass(question, key);
      return;
    }
    const filling = this.fills.waiting(key);
    if (filling) {
      await filling;
      if (question.answer.body.destroyed || this.serveFresh(question, key)) return;
      await this.fetch(question, key);
      return;
    }
    await this.fills.run(key, (onDecided) => this.fetch(question, key, onDecided));
  }

  private serveFresh(question: CachedQuestion, key: string): boolean {
    const entry = this.store.get(key);
    if (!entry || entry.freshUntil <= this.needs.now()) return false;
    this.hits++;
    this.serve(question, entry, entry.status >= 400 ? "Error" : "Hit");
    return true;
  }

  /**
   * Where nothing is kept, errors are, for the distribution's error TTL (CloudFront's guide, "Control
   * how long CloudFront caches errors"; that it holds there too, verified: false).
   */
  private async pass(question: CachedQuestion, key: string): Promise<void> {
    const { viewing, path, headers, locate, answer, gone, readTimeout } = question;
    const { method } = viewing.view;
    let response;
    try {
      const asked = { method, path, headers, ...(gone && { signal: gone }) };
      ({ response } = await this.needs.client.ask(locate(), asked));
    } catch (error) {
      if (!(error instanceof EdgeFailure)) throw error;
      this.serveFailure(question, key, error, undefined);
      return;
    }
    const head = headOf(response);
    const now = this.needs.now();
    const seconds = method === "GET" ? lifetime(head, viewing, now) : 0;
    answer.begin(head, head.status >= 400 ? "Error" : "Miss");
    const body = await relay({
      ...{ source: response, sink: answer.body, wantsBody: true, keeps: seconds > 0, readTimeout },
    });
    if (!body) return;
    this.store.put(key, {
      ...{ status: head.status, headers: head.headers, body },
      ...{ storedAt: now, freshUntil: now + seconds * 1_000 },
    });
  }

  private async fetch(
    question: CachedQuestion,
    key: string,
    onDecided: () => void = () => undefined,
  ): Promise<void> {
    const { viewing, path, locate, readTimeout } = question;
    const old = this.store.get(key);
    let response;
    try {
      ({ response } = await this.needs.client.ask(locate(), {
        method: viewing.view.method === "OPTIONS" ? "OPTIONS" : "GET",
        path,
        headers: asking(question.headers, old),
      }));
    } catch (error) {
      if (!(error instanceof EdgeFailure)) throw error;
      this.serveFailure(question, key, error, old);
      return;
    }
    const head = headOf(response);
    if (old && (head.status === 304 || (head.status >= 500 && old.status < 400))) {
      response.resume();
      this.refreshed(question, { key, old, head });
      return;
    }
    const now = this.needs.now();
    const seconds = lifetime(head, viewing, now);
    const encoding = this.encodingFor(viewing, head);
    const isLarge = Number(head.headers.get("content-length")?.[0]) > MAX_ENTRY_BYTES;
    const isKept = seconds > 0 && !isLarge;
    if (!isKept) {
      this.store.delete(key);
      onDecided();
    }
    const result = head.status >= 400 ? "Error" : "Miss";
    const put = (kept: { readonly headers: Headers; readonly body: Buffer }): CacheEntry => {
      const entry = {
        status: head.status,
        ...kept,
        storedAt: now,
        freshUntil: now + seconds * 1e3,
      };
      if (isKept) this.store.put(key, entry);
      return entry;
    };
    if (encoding !== undefined && !isLarge) {
      const whole = await wholeOf(response);
      this.serve(question, put(compressed(encoding, head.headers, whole)), result);
      return;
    }
    const wantsBody = viewing.view.method !== "HEAD";
    question.answer.begin(head, result);
    if (!wantsBody) question.answer.body.end();
    const body = await relay({
      ...{ source: response, sink: question.answer.body, wantsBody, keeps: isKept, readTimeout },
      onTooLarge: onDecided,
    });
    if (body) put({ headers: head.headers, body });
  }

  /** The origin has confirmed what is kept, or fails: then the old answer is better than none. */
  private refreshed(
    question: CachedQuestion,
    {
      key,
      old,
      head,
    }: { readonly key: string; readonly old: CacheEntry; readonly head: AnswerHead },
  ): void {
    if (head.status !== 304) {
      this.serve(question, old, "Hit");
      return;
    }
    const now = this.needs.now();
    const headers = new Map([...old.headers, ...refreshable(head.headers)]);
    const seconds = lifetime({ status: old.status, headers }, question.viewing, now);
    const entry = { ...old, headers, storedAt: now, freshUntil: now + seconds * 1_000 };
    this.store.put(key, entry);
    this.serve(question, entry, "RefreshHit");
  }

  /** Errors of CloudFront's own are kept like an origin's. */
  private serveFailure(
    question: CachedQuestion,
    key: string,
    failure: EdgeFailure,
    old: CacheEntry | undefined,
  ): void {
    if (old && old.status < 400) {
      this.serve(question, old, "Hit");
      return;
    }
    const now = this.needs.now();
    const page = question.failed(failure);
    const seconds = lifetime(page, question.viewing, now);
    const entry = { ...page, storedAt: now, freshUntil: now + seconds * 1_000 };
    if (seconds > 0) this.store.put(key, entry);
    this.serve(question, entry, "Error");
  }

  private serve(
    { viewing: { view }, answer }: CachedQuestion,
    { status, headers, body, storedAt }: CacheEntry,
    result: CacheResult,
  ): void {
    const isSame = status === 200 && isNotModified(view.headers, headers);
    const sent: MutableHeaders = new Map(headers);
    if (isSame) for (const name of ["content-length", "content-encoding"]) sent.delete(name);
    else sent.set("content-length", [String(body.length)]);
    const isKept = result === "Hit" || result === "RefreshHit" || this.needs.now() > storedAt;
    const age = Math.floor((this.needs.now() - storedAt) / 1_000);
    if (isKept) sent.set("age", [String(age)]);
    answer.begin({ status: isSame ? 304 : status, headers: sent }, result);
    answer.body.end(isSame || view.method === "HEAD" ? undefined : body);
  }

  private encodingFor({ behavior, view }: Viewing, head: AnswerHead): "br" | "gzip" | undefined {
    if (!behavior.compress || !isCompressible(head)) return undefined;
    const accepted = cacheEncodings(behavior, view.headers)?.split(",");
    return (["br", "gzip"] as const).find((name) => accepted?.includes(name));
  }
}

/** All of it, whatever part this viewer wants; and whether it still is what is kept. */
function asking(headers: Headers, old: CacheEntry | undefined): MutableHeaders {
  const asked = withoutConditions(headers);
  if (!old || old.status !== 200) return asked;
  const etag = old.headers.get("etag")?.[0];
  const modified = old.headers.get("last-modified")?.[0];
  // The weak mark is of what was packed here; the origin compares it as its own.
  if (etag !== undefined) asked.set("if-none-match", [etag]);
  if (modified !== undefined) asked.set("if-modified-since", [modified]);
  return asked;
}

const refreshable = (headers: Headers) =>
  [...headers].filter(([name]) =>
    ["cache-control", "date", "expires", "last-modified"].includes(name),
  );

async function wholeOf(source: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
