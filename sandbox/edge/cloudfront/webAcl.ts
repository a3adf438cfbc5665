import { BlockList, isIP } from "node:net";
import { wafLimits } from "../../../prices/aws";
import { type Headers, tokens } from "../headers";
import { type RequestView, uriOf } from "../requestView";

/** A web ACL of AWS WAF, as far as this machine evaluates it. */
export interface WebAcl {
  readonly id: string;
  readonly blocksByDefault: boolean;
  readonly defaultAnswer?: WafAnswer;
  readonly rules: readonly WafRule[];
}

export interface WafRule {
  readonly name: string;
  /** The lowest comes first. */
  readonly priority: number;
  readonly action: "allow" | "block" | "count";
  readonly answer?: WafAnswer;
  readonly statement: WafStatement;
}

/** An answer of the ACL's own. */
export interface WafAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: { readonly type: string; readonly content: string };
}

/** An address that a proxy has written into a header. */
interface Forwarded {
  readonly header: string;
  readonly position: "FIRST" | "LAST" | "ANY";
  /** What counts where the header holds no address. */
  readonly fallback: "MATCH" | "NO_MATCH";
}

export type WafStatement =
  | { readonly kind: "not"; readonly of: WafStatement }
  | { readonly kind: "and" | "or"; readonly of: readonly WafStatement[] }
  | {
      readonly kind: "addresses";
      readonly networks: readonly string[];
      readonly forwarded?: Forwarded;
    }
  | {
      readonly kind: "text";
      readonly field: TextField;
      readonly match: "EXACTLY" | "STARTS_WITH" | "ENDS_WITH" | "CONTAINS" | "CONTAINS_WORD";
      readonly search: string;
      readonly lowercase: boolean;
    }
  | {
      readonly kind: "rate";
      readonly limit: number;
      readonly windowSeconds: number;
      readonly keys: readonly RateKey[];
      readonly scope?: WafStatement;
    }
  /** A managed group: AWS's own rules, which nobody has here. It matches nothing. */
  | { readonly kind: "managed" };

type TextField = { readonly header: string } | "uriPath" | "queryString" | "method";

export type RateKey =
  | { readonly kind: "address" }
  | { readonly kind: "forwarded"; readonly forwarded: Forwarded }
  | { readonly kind: "header"; readonly header: string }
  | { readonly kind: "method" | "uriPath" };

/** What an ACL says of a request that may not pass. */
export interface Refused {
  readonly rule: string;
  readonly answer: WafAnswer | undefined;
}

/** Counters that are kept at most. */
const MAX_COUNTERS = 50_000;

/** A counter: requests by the slot of time in which they came. */
type Slots = Map<number, number>;

/** Evaluates web ACLs, and counts for their rate rules. */
export class WafEngine {
  private readonly counters = new Map<string, Slots>();
  private readonly limited = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  /** Values of keys that rate rules hold back now. */
  get blocked(): number {
    return [...this.limited.values()].filter((until) => until > this.now()).length;
  }

  /** The first rule that lets pass or blocks decides; undefined: the request may pass. */
  judge(acl: WebAcl, view: RequestView): Refused | undefined {
    for (const rule of [...acl.rules].sort((one, other) => one.priority - other.priority)) {
      if (!this.matches(rule.statement, view, `${acl.id} ${rule.name}`)) continue;
      if (rule.action === "allow") return undefined;
      if (rule.action === "block") return { rule: rule.name, answer: rule.answer };
    }
    return acl.blocksByDefault
      ? { rule: "the default action", answer: acl.defaultAnswer }
      : undefined;
  }

  private matches(statement: WafStatement, view: RequestView, path: string): boolean {
    switch (statement.kind) {
      case "not":
        return !this.matches(statement.of, view, path);
      case "and":
        return statement.of.every((one) => this.matches(one, view, path));
      case "or":
        return statement.of.some((one) => this.matches(one, view, path));
      case "addresses":
        return holdsAddress(statement, view);
      case "text":
        return textMatches(statement, view);
      case "rate":
        return this.counts(statement, view, path);
      case "managed":
        return false;
    }
  }

  /** Requests that are held back count too: who goes on asking stays out. */
  private counts(
    rule: Extract<WafStatement, { readonly kind: "rate" }>,
    view: RequestView,
    path: string,
  ): boolean {
    if (rule.scope && !this.matches(rule.scope, view, path)) return false;
    const values: string[] = [];
    for (const key of rule.keys) {
      const value = keyValue(key, view);
      // Without the header there is nothing to count by, and with a broken one the rule decides.
      if (value === undefined) return false;
      if (typeof value === "boolean") return value;
      values.push(value);
    }
    const key = JSON.stringify([path, ...values]);
    const now = this.now();
    const slotMs = wafLimits.rateCheckSeconds * 1_000;
    const slot = Math.floor(now / slotMs);
    const slots = this.counters.get(key) ?? this.newCounter(key);
    for (const old of slots.keys()) {
      if (old <= slot - (rule.windowSeconds * 1_000) / slotMs) slots.delete(old);
    }
    slots.set(slot, (slots.get(slot) ?? 0) + 1);
    const inWindow = [...slots.values()].reduce((sum, count) => sum + count, 0);
    const isOver = inWindow > rule.limit;
    if (isOver) this.limited.set(key, now + slotMs);
    else this.limited.delete(key);
    return isOver;
  }

  private newCounter(key: string): Slots {
    const slots: Slots = new Map();
    // A map keeps the order of insertion: the counter that began first goes.
    const [oldest] = this.counters.keys();
    if (oldest !== undefined && this.counters.size >= MAX_COUNTERS) {
      this.counters.delete(oldest);
      this.limited.delete(oldest);
    }
    this.counters.set(key, slots);
    return slots;
  }
}

/** A key's value; undefined: the request has none; true or false: a broken header decides. */
function keyValue(key: RateKey, view: RequestView): string | boolean | undefined {
  switch (key.kind) {
    case "address":
      return view.address;
    case "method":
      return view.method;
    case "uriPath":
      return view.path;
    case "header":
      return view.headers.get(key.header.toLowerCase())?.join(",");
    case "forwarded": {
      const [first] = addressesIn(view.headers, key.forwarded);
      if (first === undefined) return undefined;
      return isIP(first) === 0 ? key.forwarded.fallback === "MATCH" : first;
    }
  }
}

function addressesIn(headers: Headers, { header, position }: Forwarded): readonly string[] {
  const all = tokens(headers, header.toLowerCase());
  if (position === "ANY") return all;
  return all.length === 0 ? [] : [all.at(position === "FIRST" ? 0 : -1) ?? ""];
}

function holdsAddress(
  { networks, forwarded }: Extract<WafStatement, { readonly kind: "addresses" }>,
  view: RequestView,
): boolean {
  const list = blockList(networks);
  if (!forwarded) return holds(list, view.address);
  return addressesIn(view.headers, forwarded).some((address) =>
    isIP(address) === 0 ? forwarded.fallback === "MATCH" : holds(list, address),
  );
}

const holds = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

const lists = new WeakMap<readonly string[], BlockList>();

function blockList(networks: readonly string[]): BlockList {
  const known = lists.get(networks);
  if (known) return known;
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  lists.set(networks, list);
  return list;
}

function textMatches(
  { field, match, search, lowercase }: Extract<WafStatement, { readonly kind: "text" }>,
  view: RequestView,
): boolean {
  const given = fieldOf(field, view);
  const text = lowercase ? given.toLowerCase() : given;
  switch (match) {
    case "EXACTLY":
      return text === search;
    case "STARTS_WITH":
      return text.startsWith(search);
    case "ENDS_WITH":
      return text.endsWith(search);
    case "CONTAINS":
      return text.includes(search);
    case "CONTAINS_WORD":
      return text.split(/[^\w-]+/).includes(search);
  }
}

function fieldOf(field: TextField, view: RequestView): string {
  if (field === "uriPath") return uriOf(view).split("?")[0] ?? "";
  if (field === "queryString") return view.query;
  if (field === "method") return view.method;
  return view.headers.get(field.header.toLowerCase())?.join(",") ?? "";
}
