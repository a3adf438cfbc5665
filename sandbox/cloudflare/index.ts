import { z } from "zod";
import type { Provider } from "../cloud/kind";
import { dnsRecord } from "./dnsRecord";
import { refusal } from "./errors";
import { ruleset } from "./ruleset";
import { snippet } from "./snippet";
import { snippetRules } from "./snippetRules";
import { zone } from "./zone";
import { zoneSetting } from "./zoneSetting";
import { zoneSubscription } from "./zoneSubscription";

/** No request leaves this machine, so a token is not needed; one that is set must look like one. */
const configuration = z.object({
  apiToken: z
    .string()
    .regex(
      /^[A-Za-z0-9_-]{40,}$/,
      "API tokens must be 40 characters and only contain characters a-z, A-Z, 0-9, hyphens and underscores",
    )
    .optional(),
  apiKey: z.string().optional(),
  apiUserServiceKey: z.string().optional(),
  baseUrl: z.string().optional(),
  email: z.string().optional(),
  userAgentOperatorSuffix: z.string().optional(),
});

export const cloudflare: Provider = {
  name: "cloudflare",
  kinds: [zone, zoneSubscription, dnsRecord, zoneSetting, ruleset, snippet, snippetRules],
  lookups: [],
  configuration,
  refusal,
};
