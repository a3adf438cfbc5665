/** A URL taken apart as the programs of the bundle do it (Python's urlsplit). */
interface ConnectionUrl {
  readonly scheme: string;
  readonly user: string;
  readonly password: string;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number | undefined;
  readonly path: string;
  readonly query: URLSearchParams;
}

const SHAPE = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/i;

/**
 * Node's own URL encodes characters that passwords have, and lower-cases hosts of some protocols
 * alone. Undefined: not a URL with a host.
 */
export function splitUrl(text: string): ConnectionUrl | undefined {
  const found = SHAPE.exec(text);
  if (!found) return undefined;
  const [, scheme = "", authority = "", path = "", query = ""] = found;
  const at = authority.lastIndexOf("@");
  const [user = "", ...password] = authority.slice(0, Math.max(at, 0)).split(":");
  const address = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(authority.slice(at + 1));
  const host = (address?.[1] ?? address?.[2] ?? "").toLowerCase();
  if (host === "") return undefined;
  return {
    scheme: scheme.toLowerCase(),
    user: unquote(user),
    password: unquote(password.join(":")),
    host,
    port: address?.[3] === undefined ? undefined : Number(address[3]),
    path,
    query: new URLSearchParams(query),
  };
}

/** Undoes `%40` and its like; what only looks encoded stays as it is. */
export function unquote(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"),
  );
}
