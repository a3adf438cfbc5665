const FIRST = "1";
const LARGEST = 9_223_372_036_854_775_807n;

/** The API's rule: a positive 64-bit number without leading zeros. */
export function isUserId(text: string): boolean {
  return /^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= LARGEST;
}

export function userIdIn(search: string): string {
  const said = new URLSearchParams(search).get("user");
  return said !== null && isUserId(said) ? said : FIRST;
}

export function withUserId(href: string, userId: string): string {
  const url = new URL(href);
  url.searchParams.set("user", userId);
  return url.href;
}
