import type { Statement } from "./policy";

/** What is asked: may somebody do this, with this, in these circumstances? */
export interface Question {
  /** E.g. "secretsmanager:GetSecretValue". */
  readonly action: string;
  readonly resource: string;
  /** Condition keys and their values; a key that is not here is absent. */
  readonly context?: Readonly<Record<string, string>>;
}

/** What AWS decides by an identity's policies: a refusal wins, and silence is one. */
export function isAllowed(statements: readonly Statement[], question: Question): boolean {
  const matching = statements.filter((one) => matches(one, question));
  return (
    matching.some(({ Effect }) => Effect === "Allow") &&
    matching.every(({ Effect }) => Effect === "Allow")
  );
}

function matches(one: Statement, question: Question): boolean {
  return (
    listed(one.Action, one.NotAction, (pattern) =>
      fits(pattern.toLowerCase(), question.action.toLowerCase()),
    ) &&
    listed(one.Resource, one.NotResource, (pattern) => fits(pattern, question.resource)) &&
    holds(one, question.context ?? {})
  );
}

type List = string | readonly string[] | undefined;

function listed(list: List, not: List, fitsOne: (pattern: string) => boolean): boolean {
  if (not !== undefined) return ![not].flat().some((pattern) => fitsOne(pattern));
  return [list ?? []].flat().some((pattern) => fitsOne(pattern));
}

/** `*` is any text, `?` any letter. */
export function fits(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

const operators: Readonly<Record<string, (wanted: string, got: string) => boolean>> = {
  StringEquals: (wanted, got) => wanted === got,
  StringLike: fits,
  ArnEquals: fits,
  ArnLike: fits,
  Bool: (wanted, got) => wanted === got,
};

/** An operator that is not known here does not hold, whoever would be let in by it. */
function holds(
  { Condition = {}, Effect }: Statement,
  context: Question["context"] & object,
): boolean {
  return Object.entries(Condition).every(([operator, keys]) => {
    const name = operator.replace(/IfExists$/, "");
    const isNegative = /^(String|Arn)Not(Equals|Like)$/.test(name);
    const test = operators[name.replace("Not", "")];
    if (!test) return Effect === "Deny";
    return Object.entries(keys).every(([key, values]) => {
      const got = valueOf(context, key);
      if (got === undefined) return isNegative || operator.endsWith("IfExists");
      const isOne = [values].flat().some((wanted) => test(String(wanted), got));
      return isOne !== isNegative;
    });
  });
}

/** Keys know no case. */
function valueOf(context: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.entries(context).find(([own]) => own.toLowerCase() === key.toLowerCase())?.[1];
}
