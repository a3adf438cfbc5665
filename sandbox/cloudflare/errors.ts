import { STATUS_CODES } from "node:http";
import { CloudError, type Provider, type Values } from "../cloud/kind";

/** A refusal with Cloudflare's own number, and where in the request the fault is. */
export class CloudflareError extends CloudError {
  constructor(
    /** Absent where no source tells the number. */
    readonly code: number | undefined,
    message: string,
    /** JSON pointer, e.g. "/rules/0/expression". */
    readonly pointer?: string,
  ) {
    super(400, message);
  }
}

/** Where a type lives below its zone: a list of many, or one thing that has no id of its own. */
const places: Readonly<Record<string, { readonly path: string; readonly single?: true }>> = {
  DnsRecord: { path: "dns_records" },
  Ruleset: { path: "rulesets" },
  Snippet: { path: "snippets" },
  SnippetRules: { path: "snippets/snippet_rules", single: true },
  ZoneSetting: { path: "settings" },
  ZoneSubscription: { path: "subscription", single: true },
};

/** How a type is made, where that is not by a POST. */
const making: Readonly<Record<string, string>> = {
  // It always exists: making it means changing it.
  ZoneSetting: "PATCH",
  // Made and changed by the same request.
  Snippet: "PUT",
  SnippetRules: "PUT",
};

/** A refusal as the provider prints it: the request, and the body of the answer. */
export const refusal: Provider["refusal"] = (error, { verb, type, id, inputs = {} }) => {
  const { code, pointer } = error instanceof CloudflareError ? error : {};
  const body = {
    result: null,
    success: false,
    errors: [
      {
        ...(code !== undefined && { code }),
        message: error.message,
        ...(pointer !== undefined && { source: { pointer } }),
      },
    ],
    messages: [],
  };
  const name = type.split(":").at(-1) ?? type;
  const url = urlOf(name, inputs, verb === "create" ? undefined : id);
  const methods = { create: making[name] ?? "POST", delete: "DELETE", read: "GET" };
  const method = verb === "update" ? (name === "ZoneSetting" ? "PATCH" : "PUT") : methods[verb];
  const status = `${error.status} ${STATUS_CODES[error.status] ?? ""}`.trim();
  return (
    "1 error occurred:\n\t* failed to make http request: " +
    `${method} "${url}": ${status} ${JSON.stringify(body)}`
  );
};

function urlOf(name: string, inputs: Values, id: string | undefined): string {
  const zones = "https://api.cloudflare.com/client/v4/zones";
  const place = places[name];
  if (place === undefined) return id === undefined ? zones : `${zones}/${id}`;
  // Those that are addressed by a name of the user's are so when they are made, too.
  const naming = { ZoneSetting: "settingId", Snippet: "snippetName" }[name];
  const own = naming === undefined ? id : String(inputs[naming]);
  const below = own === undefined || place.single ? "" : `/${own}`;
  return `${zones}/${String(inputs["zoneId"])}/${place.path}${below}`;
}
