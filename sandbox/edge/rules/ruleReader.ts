import { z } from "zod";
import { holds, textOf } from "../language/evaluate";
import { ExpressionError, parseExpression, type Result } from "../language/parser";
import type { Expression } from "../language/tree";
import type { RequestView } from "../requestView";
import type { ZoneView } from "../types";

/** Phases whose rules the edge follows, in Cloudflare's order; of the others it only knows. */
export const followedPhases = [
  "http_request_dynamic_redirect",
  "http_ratelimit",
  "http_request_cache_settings",
  "http_request_snippets",
  "http_response_cache_settings",
  "http_response_headers_transform",
] as const;
export type FollowedPhase = (typeof followedPhases)[number];

const baseRule = z.object({
  ref: z.string().optional(),
  expression: z.string(),
  enabled: z.boolean().optional(),
});

/** A rule whose condition holds. */
interface MatchedRule<Details> {
  /** Its `ref`, or its expression where it has none: what tells it from the others. */
  readonly ref: string;
  readonly details: Details;
}

type RegisteredRule = Readonly<Record<string, unknown>>;

const MAX_COMPILED = 500;

/** Reads rules as the stacks registered them; one that cannot be read is left out, and said so. */
export class RuleReader {
  private readonly compiled = new Map<string, Expression | ExpressionError>();
  private readonly parts = new WeakMap<RegisteredRule, Map<z.ZodType, unknown>>();
  private readonly complaints = new Set<string>();

  constructor(private readonly log: (line: string) => void) {}

  /** The rules of a phase that hold for a request, in their order. */
  matching<Details>(
    zone: ZoneView,
    phase: FollowedPhase,
    schema: z.ZodType<Details>,
    view: RequestView,
  ): readonly MatchedRule<Details>[] {
    return zone.rulesets
      .filter((ruleset) => ruleset.phase === phase)
      .flatMap(({ rules }) => rules)
      .flatMap((rule) => this.match(phase, rule, schema, view) ?? []);
  }

  /** What an expression yields; undefined where a value in it is missing or it cannot be read. */
  text(expression: string, view: RequestView): string | undefined {
    const compiled = this.compile(expression, "String");
    return compiled && textOf(compiled, view);
  }

  private match<Details>(
    phase: string,
    rule: RegisteredRule,
    schema: z.ZodType<Details>,
    view: RequestView,
  ): MatchedRule<Details> | undefined {
    const base = this.read(phase, rule, baseRule);
    if (!base || base.enabled === false) return undefined;
    const condition = this.compile(base.expression, "Boolean");
    if (!condition || !holds(condition, view)) return undefined;
    const details = this.read(phase, rule, schema);
    return details && { ref: base.ref ?? base.expression, details };
  }

  /** A rule by a schema; undefined where it does not fit. Read once, because rules do not change. */
  private read<Part>(
    phase: string,
    rule: RegisteredRule,
    schema: z.ZodType<Part>,
  ): Part | undefined {
    const known = this.parts.get(rule) ?? new Map<z.ZodType, unknown>();
    this.parts.set(rule, known);
    if (!known.has(schema)) {
      const result = schema.safeParse(rule);
      known.set(schema, result.data);
      if (!result.success) {
        const name = typeof rule.ref === "string" ? ` "${rule.ref}"` : "";
        this.say(`edge: a rule${name} of ${phase} is left out: ${z.prettifyError(result.error)}`);
      }
    }
    return known.get(schema) as Part | undefined;
  }

  private compile(text: string, result: Result): Expression | undefined {
    const key = `${result} ${text}`;
    const known = this.compiled.get(key) ?? compile(text, result);
    if (this.compiled.size >= MAX_COMPILED) this.compiled.clear();
    this.compiled.set(key, known);
    if (!(known instanceof ExpressionError)) return known;
    this.say(`edge: a rule is left out: ${known.message}`);
    return undefined;
  }

  /** Once: the same rule is read for each request. */
  private say(line: string): void {
    if (this.complaints.size >= MAX_COMPILED || this.complaints.has(line)) return;
    this.complaints.add(line);
    this.log(line);
  }
}

function compile(text: string, result: Result): Expression | ExpressionError {
  try {
    return parseExpression(text, result);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}
