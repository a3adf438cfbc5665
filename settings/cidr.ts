/** An IPv4 range, as numbers. */
export interface Cidr {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
  /** True for `10.0.0.5/24`: an address, not the start of the range. */
  readonly hasHostBits: boolean;
}

/** Reads an IPv4 range that has already been found well formed. */
export function parseCidr(cidr: string): Cidr {
  const [address = "", prefixText = "32"] = cidr.split("/");
  const prefix = Number(prefixText);
  const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - prefix);
  const first = Math.floor(value / size) * size;
  return { first, last: first + size - 1, prefix, hasHostBits: first !== value };
}

/** The range as text: address and prefix. */
function textOf(first: number, prefix: number): string {
  const parts = [24, 16, 8, 0].map((bits) => Math.floor(first / 2 ** bits) % 256);
  return `${parts.join(".")}/${prefix}`;
}

/** Every range of this prefix within another, in order. */
export function rangesWithin(cidr: string, prefix: number): string[] {
  const { first, prefix: outer } = parseCidr(cidr);
  const count = Math.max(0, 2 ** (prefix - outer));
  return Array.from({ length: Math.floor(count) }, (_, index) =>
    textOf(first + index * 2 ** (32 - prefix), prefix),
  );
}

/** Whether one IPv4 range lies within another. */
export function isInside(inner: string, outer: string): boolean {
  const [small, wide] = [parseCidr(inner), parseCidr(outer)];
  return small.first >= wide.first && small.last <= wide.last;
}

/** Whether two IPv4 ranges share an address. */
export function overlaps(a: string, b: string): boolean {
  const [left, right] = [parseCidr(a), parseCidr(b)];
  return left.first <= right.last && right.first <= left.last;
}
