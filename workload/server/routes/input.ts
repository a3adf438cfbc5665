import * as z from "zod";
import { decodeCursor, LAST_ID } from "../cards";
import { packs, type Pack } from "../catalogue";
import { HttpError } from "../errors";

const MAX_BIGINT = BigInt(LAST_ID);

/** Ids are positive 64-bit numbers, written without leading zeros. */
const id = z.string().refine((text) => /^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= MAX_BIGINT);

export function parseId(name: string, value: unknown): string {
  const result = id.safeParse(value);
  if (result.success) return result.data;
  throw new HttpError(400, "invalid_id", `${name} must be a positive whole number.`);
}

/** Long enough to be unique, and safe to log: a UUID or 8 to 128 URL-safe characters. */
export function parseIdempotencyKey(value: string | undefined): string {
  if (value === undefined) {
    throw new HttpError(
      400,
      "idempotency_key_required",
      "Send an Idempotency-Key header: a new UUID for each change, the same one to try again.",
    );
  }
  if (/^[A-Za-z0-9._~-]{8,128}$/.test(value)) return value;
  throw new HttpError(
    400,
    "invalid_idempotency_key",
    "Idempotency-Key must be 8 to 128 letters, digits, dots, dashes, underscores or tildes.",
  );
}

const packNames = Object.keys(packs) as [Pack, ...Pack[]];
const dropBody = z.strictObject({ pack: z.enum(packNames).default("standard") });

/** An absent body means all defaults. */
export function parseDropBody(body: unknown): { readonly pack: Pack } {
  return parse(dropBody, body ?? {});
}

const nothing = z.strictObject({});

export function parseEmptyBody(body: unknown): void {
  parse(nothing, body ?? {});
}

const DEFAULT_LIMIT = 20;
const listQuery = z.object({
  // Plain digits: as a number, 1e1 and 0x10 would do too.
  limit: z
    .string()
    .regex(/^\d+$/, "must be a whole number from 1 to 100")
    .transform(Number)
    .pipe(z.number().min(1).max(100))
    .default(DEFAULT_LIMIT),
  cursor: z
    .string()
    .max(64)
    .transform((text, context) => {
      const before = id.safeParse(decodeCursor(text));
      if (before.success) return before.data;
      context.addIssue("is not a cursor that this API gave out");
      return z.NEVER;
    })
    .default(LAST_ID),
  includeRefunded: z
    .enum(["true", "false"])
    .default("false")
    .transform((text) => text === "true"),
});

export function parseListQuery(query: unknown) {
  const { limit, cursor, includeRefunded } = parse(listQuery, query);
  return { limit, before: cursor, includeRefunded };
}

/** Only the newest held cards are asked for often enough to be worth a place in the cache. */
export function isFirstPage(query: ReturnType<typeof parseListQuery>): boolean {
  return query.before === LAST_ID && query.limit === DEFAULT_LIMIT && !query.includeRefunded;
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const where = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
    return `${where}${issue.message}`;
  });
  throw new HttpError(400, "invalid_request", problems.join("; "));
}
