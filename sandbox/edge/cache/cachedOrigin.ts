import { applyCacheResponseRules, withDirectives } from "../rules/responseRules";
import { changeDirectives, parseDirectives } from "./cacheControl";
import { type CacheSettings, cacheSettingsRule, eligibility, judge } from "./cachePolicy";
import { type CacheEntry, CacheStore, MAX_ENTRY_BYTES } from "./cacheStore";
import {
  type AnswerHead,
  begin,
  type CacheStatus,
  type Exchange,
  headOf,
  visitorHeaders,
} from "../exchange";
import type { Headers, MutableHeaders } from "../headers";
import type { OriginClient } from "../origin/originClient";
import { acceptedEncodings, originHeaders, withoutConditions } from "../origin/originRequest";
import { locateOrigin, originScheme } from "../origin/originTarget";
import { isNotModified } from "./preconditions";
import { relay } from "../relay";
import type { RuleReader } from "../rules/ruleReader";
import type { EdgeOptions } from "../types";

interface Needs {
  readonly route: EdgeOptions["route"];
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
  /** Answers that are being fetched; who wants the same waits for the first. */
  private readonly fills = new Map<string, Promise<void>>();

  constructor(private readonly needs: Needs) {}

  async answer(exchange: Exchange): Promise<void> {
    const { view, outgoing } = exchange;
    const settings = this.settingsFor(exchange);
    const why = hasBody(view.headers) ? undefined : eligibility(view, settings);
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
    const filling = this.fills.get(key);
    if (filling) {
      await filling;
      if (outgoing.destroyed || this.serveKept(exchange, key)) return;
      await this.fetch(exchange, { key, why, settings });
      return;
    }
    let release!: () => void;
    const fill = new Promise<void>((resolve) => (release = resolve));
    this.fills.set(key, fill);
    const onDecided = () => {
      // Another one may have begun since.
      if (this.fills.get(key) === fill) this.fills.delete(key);
      release();
    };
    try {
      await this.fetch(exchange, { key, why, settings, onDecided });
    } finally {
      onDecided();
    }
  }

  /** From the origin to the visitor, without the cache. */
  private async pass(exchange: Exchange, cacheStatus: CacheStatus): Promise<void> {
    const { incoming, outgoing, view, target, ray, site } = exchange;
    const gone = new AbortController();
    outgoing.once("close", () => {
      gone.abort();
    });
    const { response } = await this.needs.client.ask(
      locateOrigin({ ...this.needs, zones: exchange.zones }, site, view),
      {
        ...{ method: view.method, path: target, headers: originHeaders(view, ray) },
        ...(hasBody(view.headers) && { body: incoming }),
        signal: gone.signal,
      },
    );
    const head = headOf(response);
    const { headers } = applyCacheResponseRules(
      site.zone,
      { ...view, response: head },
      this.needs.rules,
    );
    this.begin(exchange, { ...head, headers, cacheStatus });
    await this.relay({ source: response, sink: outgoing, wantsBody: true, keeps: false });
  }

  /** From the origin to the visitor, and into the cache where the answer allows it. */
  private async fetch(
    exchange: Exchange,
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
    const { outgoing, view, target, ray, site } = exchange;
    const { response } = await this.needs.client.ask(
      locateOrigin({ ...this.needs, zones: exchange.zones }, site, view),
      { method: "GET", path: target, headers: withoutConditions(originHeaders(view, ray)) },
    );
    const head = headOf(response);
    const ruled = applyCacheResponseRules(site.zone, { ...view, response: head }, this.needs.rules);
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
    this.begin(exchange, { ...head, headers, cacheStatus });
    const wantsBody = view.method !== "HEAD";
    if (!wantsBody) outgoing.end();
    const body = await this.relay({
      ...{ source: response, sink: outgoing, wantsBody, keeps },
      ...(onDecided && { onTooLarge: onDecided }),
    });
    if (!body || !isKept) return;
    this.store.put(key, {
      ...{ status: head.status, headers, body, storedAt: now },
      freshUntil: now + verdict.keptSeconds * 1000,
    });
  }

  private serveKept(exchange: Exchange, key: string): boolean {
    const entry = this.store.get(key);
    const now = this.needs.now();
    if (!entry || entry.freshUntil <= now) return false;
    this.hits++;
    const { view, outgoing } = exchange;
    const isSame = entry.status === 200 && isNotModified(view.headers, entry.headers);
    this.begin(exchange, {
      status: isSame ? 304 : entry.status,
      headers: keptHeaders(entry, isSame, now),
      cacheStatus: "HIT",
    });
    outgoing.end(isSame || view.method === "HEAD" ? undefined : entry.body);
    return true;
  }

  private settingsFor({ site, view }: Exchange): CacheSettings {
    const rules = this.needs.rules.matching(
      site.zone,
      "http_request_cache_settings",
      cacheSettingsRule,
      view,
    );
    // A later rule overwrites an earlier one, setting by setting.
    return Object.assign(
      {},
      ...rules.map(({ details }) => details.actionParameters),
    ) as CacheSettings;
  }

  private begin(exchange: Exchange, head: AnswerHead): void {
    begin(exchange.outgoing, head, visitorHeaders(head, exchange, this.needs.rules));
  }

  private async relay(options: Omit<Parameters<typeof relay>[0], "readTimeout">) {
    return await relay({ ...options, readTimeout: this.needs.readTimeout });
  }
}

/** By what Cloudflare tells kept answers apart; the scheme is the one to the origin. */
function keyOf({ view, target, site }: Exchange): string {
  return JSON.stringify([
    originScheme(site.zone, view),
    view.host,
    target,
    acceptedEncodings(view.headers),
    ...keyHeaders.map((name) => view.headers.get(name)),
  ]);
}

function hasBody(headers: Headers): boolean {
  return headers.has("transfer-encoding") || Number(headers.get("content-length")?.[0] ?? 0) > 0;
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
