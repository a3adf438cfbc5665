import { z } from "zod";
import { vpcLimits } from "../../../prices/aws";
import { parseCidr } from "../../../settings/cidr";
import type { CheckFailure } from "../../cloud/kind";
import { AwsError } from "../refusal";

export const ipv4Range = z.cidrv4("expected an IPv4 range such as 10.130.0.0/16");

/** The provider itself checks that a range is a network. */
export function rangeProblems(property: string, value: unknown): readonly CheckFailure[] {
  if (typeof value !== "string" || !parseCidr(value).hasHostBits) return [];
  const reason = `"${value}" is not a valid IPv4 CIDR block: it begins inside of the network`;
  return [{ property, reason }];
}

/** @throws AwsError where no VPC, and no subnet, may be so large or so small. */
export function requireSize(range: string, code: string): void {
  const { largest, smallest } = vpcLimits.prefixLength;
  const { prefix } = parseCidr(range);
  if (prefix >= largest && prefix <= smallest) return;
  throw new AwsError(
    code,
    `The CIDR '${range}' is invalid: a network is a /${largest} to a /${smallest}`,
  );
}

/** Whether the second range lies in the first. */
export function contains(outer: string, inner: string): boolean {
  const [wide, narrow] = [parseCidr(outer), parseCidr(inner)];
  return wide.first <= narrow.first && narrow.last <= wide.last;
}
