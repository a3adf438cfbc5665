import { applyCacheResponseRules, withDirectives } from "../rules/responseRules";
import { changeDirectives, parseDirectives } from "./cacheControl";
import { type CacheSettings, cacheSettingsRule, eligibility, judge } from "./cachePolicy";
import { type CacheEntry, CacheStore, MAX_ENTRY_BYTES } from "./cacheStore";
import { Fills } from "./fills";
import { type CacheStatus, headOf, type OriginExchange } from "../exchange";
import type { Headers, MutableHeaders } from "../headers";
import type { OriginClient } from "../origin/originClient";
import { acceptedEncodings, withoutConditions } from "../origin/originRequest";
import { isNotModified } from "./preconditions";
import { relay } from "../relay";
import type { RuleReader } from "../rules/ruleReader";

interface Needs {
  readonly rules: RuleReader;
  readonly client: OriginClient;
  readonly now: () => number;
  /** Milliseconds. */
  readonly readTimeout: number;
}

/** Request headers that belong to the key of a kept answer, beside its address. */
const keyHeaders = [
  ...["origin", "x-http-method-override", "x-http-method", "x-method-override"],
  ...["x-forwarded-host", "x-host", "x-forwarded-scheme", "x-original-url", "x-rewrite-url"],
  "forwarded",
];

/** Answers from the cache, or from the origin through the cache. */
export class CachedOrigin {
  readonly store = new CacheStore();
  hits = 0;
  private readonly fills = new Fills();

  constructor(private readonly needs: Needs) {}

  async answer(exchange: OriginExchange): Promise<void> {
    const { view } = exchange;
    const settings = this.settingsFor(exchange);
    const why = exchange.body ? undefined : eligibility(view, settings);
    if (!why) {
      await this.pass(exchange, "DYNAMIC");
      return;
    }
    // A part is not kept, and not cut out of what is kept.
    if (view.headers.has("range")) {
      await this.pass(exchange, "BYPASS");
      return;
    }
    const key = keyOf(exchange);
    if (this.serveKept(exchange, key)) return;
    const filling = this.fills.waiting(key);
    if (filling) {
      await filling;
      if (exchange.answer.body.destroyed || this.serveKept(exchange, key)) return;
      await this.fetch(exchange, { key, why, settings });
      return;
    }
    await this.fills.run(key, (onDecided) =>
      this.fetch(exchange, { key, why, settings, onDecided }),
    );
  }

  /** From the origin on, without the cache. */
  private async pass(exchange: OriginExchange, cacheStatus: CacheStatus): Promise<void> {
    const { view, target, headers: asked, body, answer } = exchange;
    const gone = new AbortController();
    answer.body.once("close", () => {
      gone.abort();
    });
    const { response } = await this.needs.client.ask(exchange.locate(), {
      ...{ method: view.method, path: target, headers: asked },
      ...(body && { body }),
      signal: gone.signal,
    });
    const head = headOf(response);
    const { headers } = this.ruled(exchange, head);
    answer.begin({ ...head, headers, cacheStatus });
    await this.relay({ source: response, sink: answer.body, wantsBody: true, keeps: false });
  }

  /** From the origin on, and into the cache where the answer allows it. */
  private async fetch(
    exchange: OriginExchange,
    {
      key,
      why,
      settings,
      onDecided,
    }: {
      readonly key: string;
      readonly why: "rule" | "extension";
      readonly settings: CacheSettings;
      /** Called as soon as it is clear whether there will be an entry. */
      readonly onDecided?: () => void;
    },
  ): Promise<void> {
    const { view, target, answer } = exchange;
    const { response } = await this.needs.client.ask(exchange.locate(), {
      method: "GET",
      path: target,
      headers: withoutConditions(exchange.headers),
    });
    const head = headOf(response);
    const ruled = this.ruled(exchange, head);
    const now = this.needs.now();
    const verdict = judge({
      ...{ eligibility: why, settings, authorized: view.headers.has("authorization") },
      ...{ status: head.status, headers: ruled.headers, directives: ruled.directives, now },
    });
    const isKept = verdict.keptSeconds !== undefined;
    const expired = this.store.get(key) !== undefined;
    const headers = isKept ? browserHeaders(ruled.headers, settings) : ruled.headers;
    if (isKept && verdict.dropsCookies) headers.delete("set-cookie");
    const keeps = isKept && !(Number(headers.get("content-length")?.[0]) > MAX_ENTRY_BYTES);
    if (!keeps) {
      this.store.delete(key);
      onDecided?.();
    }
    const cacheStatus = !isKept ? verdict.because : expired ? "EXPIRED" : "MISS";
    answer.begin({ ...head, headers, cacheStatus });
    const wantsBody = view.method !== "HEAD";
    if (!wantsBody) answer.body.end();
    const body = await this.relay({
      ...{ source: response, sink: answer.body, wantsBody, keeps },
      ...(onDecided && { onTooLarge: onDecided }),
    });
    if (!body || !isKept) return;
    this.store.put(key, {
      ...{ status: head.status, headers, body, storedAt: now },
      freshUntil: now + verdict.keptSeconds * 1000,
    });
  }

  private serveKept({ view, answer }: OriginExchange, key: string): boolean {
    const entry = this.store.get(key);
    const now = this.needs.now();
    if (!entry || entry.freshUntil <= now) return false;
    this.hits++;
    const isSame = entry.status === 200 && isNotModified(view.headers, entry.headers);
    answer.begin({
      status: isSame ? 304 : entry.status,
      headers: keptHeaders(entry, isSame, now),
      cacheStatus: "HIT",
    });
    answer.body.end(isSame || view.method === "HEAD" ? undefined : entry.body);
    return true;
  }

  private settingsFor({ zone, visit }: OriginExchange): CacheSettings {
    const rules = this.needs.rules.matching(
      zone,
      "http_request_cache_settings",
      cacheSettingsRule,
      visit,
    );
    // A later rule overwrites an earlier one, setting by setting.
    return Object.assign(
      {},
      ...rules.map(({ details }) => details.actionParameters),
    ) as CacheSettings;
  }

  private ruled({ zone, visit }: OriginExchange, head: ReturnType<typeof headOf>) {
    return applyCacheResponseRules(zone, { ...visit, response: head }, this.needs.rules);
  }

  private async relay(options: Omit<Parameters<typeof relay>[0], "readTimeout">) {
    return await relay({ ...options, readTimeout: this.needs.readTimeout });
  }
}

/** By what Cloudflare tells kept answers apart; the scheme is the one to the origin. */
function keyOf({ view, target, scheme }: OriginExchange): string {
  return JSON.stringify([
    scheme,
    view.host,
    target,
    acceptedEncodings(view.headers),
    ...keyHeaders.map((name) => view.headers.get(name)),
  ]);
}

/** What browsers shall do with a kept answer, where a rule says otherwise than the origin. */
function browserHeaders(headers: MutableHeaders, { browserTtl }: CacheSettings): MutableHeaders {
  const directives = parseDirectives(headers.get("cache-control") ?? []);
  if (browserTtl?.mode === "bypass") {
    return withDirectives(headers, changeDirectives(new Map(), { noStore: { operation: "set" } }));
  }
  if (browserTtl?.mode !== "override_origin" || browserTtl.default === undefined) return headers;
  return withDirectives(
    headers,
    changeDirectives(directives, { maxAge: { operation: "set", value: browserTtl.default } }),
  );
}

function keptHeaders(entry: CacheEntry, isSame: boolean, now: number): Headers {
  const headers = new Map(entry.headers);
  if (isSame) for (const name of ["content-length", "content-encoding"]) headers.delete(name);
  headers.set("age", [String(Math.max(0, Math.floor((now - entry.storedAt) / 1000)))]);
  return headers;
}
