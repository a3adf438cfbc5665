import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { regions, type Region } from "../../prices/digitalocean";
import { CloudError } from "../cloud/kind";

/*
 * Shapes that several types share. What the provider refuses in a preview is in the shapes; what
 * only the API refuses is checked when a resource is made. Rules that no source of the project
 * states (how many rules a firewall may have, which size a region has run out of) are not checked.
 */

export const filled = z.string().min(1);
export const texts = z.array(filled);

/** Numeric ids may come as texts: the bridge converts them. */
export const numericId = z.union([z.int().positive(), z.string().regex(/^\d+$/)]);

export const tags = z
  .array(
    z
      .string()
      .regex(
        /^[a-zA-Z0-9:_-]{1,255}$/,
        "tags may contain lowercase letters, numbers, colons, dashes, and underscores; there is a limit of 255 characters per tag",
      ),
  )
  .optional();

/** Who is told of an alert. */
export const recipients = z.strictObject({
  emails: z.array(z.string()).optional(),
  slacks: z.array(z.strictObject({ channel: filled, url: filled })).optional(),
});

/** An alert that tells nobody passes a preview, and is refused when it is made. */
export function requireRecipient(
  lists: readonly z.infer<typeof recipients>[],
  field: string,
): void {
  const nobody = lists.every(
    ({ emails = [], slacks = [] }) => emails.length === 0 && slacks.length === 0,
  );
  if (nobody) {
    throw new CloudError(
      400,
      `invalid value for field '${field}': it takes at least one email address or Slack channel`,
    );
  }
  for (const { emails = [] } of lists) {
    for (const [index, email] of emails.entries()) {
      if (!/^[^\s@]+@[^\s@]+$/.test(email)) {
        throw new CloudError(
          400,
          `invalid value for field '${field}.email[${index}]': invalid email '${email}'`,
        );
      }
    }
  }
}

/** @throws CloudError for a region that there is not. */
export function requireRegion(slug: unknown, message = "invalid region"): Region {
  if (typeof slug === "string" && Object.hasOwn(regions, slug)) return slug as Region;
  throw new CloudError(
    422,
    `${message}: there is no ${JSON.stringify(slug)}, only ${Object.keys(regions).join(", ")}`,
  );
}

/** An address, or a network of a family in CIDR notation. */
export function isNetwork(text: string, family: "ipv4" | "any" = "any"): boolean {
  const [address = "", prefix, ...more] = text.split("/");
  const most = isIPv4(address) ? 32 : family === "any" && isIPv6(address) ? 128 : undefined;
  if (most === undefined || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= most);
}

/** Time as the API writes it. */
export const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, "Z");
