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

const collections: Readonly<Record<string, string>> = {
  DnsRecord: "dns_records",
  Ruleset: "rulesets",
  ZoneSetting: "settings",
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
  // A setting always exists: making it means changing it.
  const method =
    name === "ZoneSetting"
      ? "PATCH"
      : { create: "POST", update: "PUT", delete: "DELETE", read: "GET" }[verb];
  const status = `${error.status} ${STATUS_CODES[error.status] ?? ""}`.trim();
  return (
    "1 error occurred:\n\t* failed to make http request: " +
    `${method} "${url}": ${status} ${JSON.stringify(body)}`
  );
};

function urlOf(name: string, { zoneId, settingId }: Values, id: string | undefined): string {
  const zones = "https://api.cloudflare.com/client/v4/zones";
  const collection = collections[name];
  if (collection === undefined) return id === undefined ? zones : `${zones}/${id}`;
  const own = name === "ZoneSetting" ? String(settingId) : id;
  return `${zones}/${String(zoneId)}/${collection}${own === undefined ? "" : `/${own}`}`;
}
