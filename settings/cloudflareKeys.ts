import { z } from "zod";
import { exampleZoneId } from "./examples";
import { choice, hostName, hostNameWords, secretText, text } from "./leaf";

/** Plans of a zone that a stack may name. */
const plans = ["free", "pro"] as const;

/** The zone that holds the domain. */
export const cloudflareZone = (plan: (typeof plans)[number]) =>
  z.strictObject({
    zoneId: text(/^[0-9a-f]{32}$/, {
      description: "Id of the Cloudflare zone that holds the domain.",
      allowed: "32 hexadecimal digits (zone overview, API section)",
      example: exampleZoneId,
    }),
    zone: text(hostName, {
      description: "Name of that zone.",
      allowed: hostNameWords,
      example: "example.com",
    }),
    plan: choice(plans, {
      description: "The zone's plan; what it lacks is refused.",
      example: plan,
    }).default(plan),
  });

/** What proves the domain to the certificate authority where a server holds the certificate. */
export const acmeToken = secretText(
  {
    description: "API token for DNS-01 (Zone:DNS:Edit on this zone); stays on the server.",
    allowed: "a Cloudflare API token",
    example: "TOKEN",
  },
  (value) => /^[\w-]{10,}$/.test(value),
).optional();
