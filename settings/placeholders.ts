import type { z } from "zod";
import { overlaps } from "./cidr";
import { isFixExample } from "./examples";
import { factsOf, keyOf, schemaAt, setCommand, type Problem } from "./problems";

/** A secret that is still the example's: the committed files hold this instead of a credential. */
const replaceMe = /replace-me/;
/** Domains reserved for documentation (RFC 2606): nobody receives mail or serves pages there. */
const exampleDomain = /(^|[@.])example\.(com|net|org)$|\.(test|invalid|example)$/;
/** The digest of no image. */
const zeros = /(^|@)sha256:0{64}$/;
/** Ranges reserved for documentation (RFC 5737, RFC 3849). */
const documentationPrefix6 = /^2001:db8:/i;
const documentationRanges = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"];

function isPlaceholder(value: unknown): boolean {
  if (typeof value !== "string") return false;
  if (
    isFixExample(value) ||
    replaceMe.test(value) ||
    exampleDomain.test(value) ||
    zeros.test(value)
  )
    return true;
  if (documentationPrefix6.test(value)) return true;
  return (
    /^\d+\.\d+\.\d+\.\d+\/\d+$/.test(value) &&
    documentationRanges.some((range) => overlaps(range, value))
  );
}

/**
 * The values of a configuration that are still examples. A preview composes with them; a real `up`
 * is refused, because it would open SSH to nobody and mail alarms to nobody.
 */
export function placeholders(
  schema: z.ZodType,
  value: unknown,
  path: readonly (string | number)[] = [],
): Problem[] {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, child]) =>
      placeholders(schema, child, [...path, Array.isArray(value) ? Number(key) : key]),
    );
  }
  if (!isPlaceholder(value)) return [];
  const at = schemaAt(schema, path);
  const secret = at !== undefined && factsOf(at).secret === true;
  return [
    {
      key: keyOf(path),
      got: secret ? "the example's placeholder" : `the example's ${JSON.stringify(value)}`,
      allowed: "your own value",
      fix: setCommand(path, "VALUE", secret),
    },
  ];
}
