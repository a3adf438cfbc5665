import { compositeAlarmLimits, compositeRuleProblem } from "../../../prices/aws";
import type { Values } from "../../cloud/kind";

type Token = { readonly call: string; readonly name: string } | string;

/** Alarms that a composite alarm's rule names, by name or ARN. */
export function childrenOf({ alarmRule }: Values): readonly string[] {
  const tokens = tokensOf(String(alarmRule)) ?? [];
  return tokens.flatMap((token) => (typeof token === "string" ? [] : [token.name]));
}

/** Why a rule is none that CloudWatch understands; undefined: it is one. */
export function ruleProblem(rule: string): string | undefined {
  const tokens = tokensOf(rule);
  if (!tokens)
    return "it holds something other than alarms, AND, OR, NOT, TRUE, FALSE and brackets";
  const rest = [...tokens];
  const isRule = alternatives(rest) && rest.length === 0;
  return isRule ? compositeRuleProblem(rule) : "its brackets or words do not fit together";
}

const states = compositeAlarmLimits.states.join("|");

/** Undefined where there is something that is no token. */
function tokensOf(rule: string): readonly Token[] | undefined {
  const pattern = new RegExp(
    `\\s*(?:(${states})\\(\\s*(?:"([^"]+)"|'([^']+)'|([^"'()\\s]+))\\s*\\)|(AND|OR|NOT|TRUE|FALSE)\\b|([()]))`,
    "y",
  );
  const tokens: Token[] = [];
  while (pattern.lastIndex < rule.trimEnd().length) {
    const found = pattern.exec(rule);
    if (!found) return undefined;
    const [, call, double, single, bare, word, bracket] = found;
    tokens.push(
      call === undefined ? (word ?? bracket ?? "") : { call, name: double ?? single ?? bare ?? "" },
    );
  }
  return tokens;
}

function alternatives(tokens: Token[]): boolean {
  return joined(tokens, "OR", (rest) => joined(rest, "AND", part));
}

function joined(tokens: Token[], word: string, next: (tokens: Token[]) => boolean): boolean {
  if (!next(tokens)) return false;
  while (tokens[0] === word) {
    tokens.shift();
    if (!next(tokens)) return false;
  }
  return true;
}

function part(tokens: Token[]): boolean {
  const token = tokens.shift();
  if (token === "NOT") return part(tokens);
  if (token === "(") return alternatives(tokens) && tokens.shift() === ")";
  return token === "TRUE" || token === "FALSE" || typeof token === "object";
}
