import type { AppSpec } from "./spec";

/** Shorter ones would be found everywhere. */
const SHORTEST = 4;

/** Takes what is secret in a spec out of a text, such as a log that is shown. */
export function maskerOf(spec: AppSpec): (text: string) => string {
  return maskerOfValues(
    [spec, ...(spec.services ?? []), ...(spec.workers ?? []), ...(spec.jobs ?? [])]
      .flatMap((holder) => holder.envs ?? [])
      .filter(({ type }) => type === "SECRET")
      .map(({ value = "" }) => value),
  );
}

/** Takes values of secret variables, and the passwords in them, out of a text. */
export function maskerOfValues(values: readonly string[]): (text: string) => string {
  const envs = values
    .flatMap((value) => [value, ...passwordsIn(value), ...headerValuesIn(value)])
    .filter((value) => value.length >= SHORTEST);
  // The longest first: a part of it may be another's whole.
  const secrets = [...new Set(envs)].sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((masked, one) => masked.replaceAll(one, "[secret]"), text);
}

/** A URL's password as it is written and as programs know it. */
function passwordsIn(value: string): readonly string[] {
  const [, written = ""] = /^[a-z][a-z0-9+.-]*:\/\/[^/@]*?:([^@]*)@/i.exec(value) ?? [];
  return [written, decoded(written)];
}

/** Values of a list such as `X-Token=abc,X-Other=def`. */
function headerValuesIn(value: string): readonly string[] {
  const parts = value.split(",").map((part) => /^[\w-]+=(.+)$/.exec(part.trim())?.[1] ?? "");
  return parts.every((part) => part !== "") ? parts.flatMap((part) => [part, decoded(part)]) : [];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
