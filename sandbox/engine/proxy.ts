import { Unusable, type Environment } from "./types";

/**
 * The proxy that the environment names for a URL, by the rules that curl made common:
 * `https_proxy`, `HTTPS_PROXY` (or `http_…`), `all_proxy`, except for the hosts in `no_proxy`.
 */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  if (isExempt(url, value(environment, "no_proxy")?.text ?? "")) return undefined;
  const scheme = url.protocol.slice(0, -1);
  const found = value(environment, `${scheme}_proxy`) ?? value(environment, "all_proxy");
  if (found === undefined) return undefined;

  const text = found.text.includes("://") ? found.text : `http://${found.text}`;
  // The value can hold a password: no message repeats it.
  if (!URL.canParse(text)) throw new Unusable(`${found.name} is no URL such as http://proxy:3128`);
  const proxy = new URL(text);
  if (proxy.protocol !== "http:" && proxy.protocol !== "https:") {
    throw new Unusable(
      `${found.name} names a ${proxy.protocol.slice(0, -1)} proxy; http and https are spoken here`,
    );
  }
  return proxy;
}

/** Value of the header that logs in at a proxy whose URL has a user and a password. */
export function proxyAuthorization(proxy: URL): string | undefined {
  if (proxy.username === "") return undefined;
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(login).toString("base64")}`;
}

/** The lower-case spelling wins; an empty value counts as absent. */
function value(environment: Environment, name: string) {
  for (const spelling of [name, name.toUpperCase()]) {
    const text = environment[spelling]?.trim();
    if (text !== undefined && text !== "") return { name: spelling, text };
  }
  return undefined;
}

/** `*`, a host, a domain with or without a leading dot, each with or without a port. */
function isExempt(url: URL, list: string): boolean {
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  const host = url.hostname.toLowerCase();
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const match = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(entry);
      const [, domain = "", onlyPort] = match ?? [];
      if (onlyPort !== undefined && onlyPort !== port) return false;
      return host === domain || host.endsWith(`.${domain}`);
    });
}
