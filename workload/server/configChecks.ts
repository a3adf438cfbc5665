import { X509Certificate } from "node:crypto";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { isIP } from "node:net";
import { decoded, type EnvReader } from "./env";

/** Express's `trust proxy`. */
export type TrustProxy = string | number | boolean;

const MAX_HOPS = 100;
const NAMED_RANGES = ["loopback", "linklocal", "uniquelocal"];

/**
 * Proxies that may say who the visitor is. Express would throw at what it does not understand, long
 * after the other problems are told, so nothing else may come out of here.
 */
export function readTrustProxy(env: EnvReader, name: string, fallback: string): TrustProxy {
  const text = env.textOr(name, fallback);
  if (text === "true" || text === "false") return text === "true";
  if (/^\d+$/.test(text) && Number(text) <= MAX_HOPS) return Number(text);
  const entries = text.split(",").map((entry) => entry.trim());
  const wrong = entries.find((entry) => !NAMED_RANGES.includes(entry) && !isRange(entry));
  if (wrong === undefined) return entries.join(",");
  env.problem(
    `${name}: got "${wrong}", allowed is a number of hops from 0 to ${MAX_HOPS}, true, false, or a ` +
      `list of ${NAMED_RANGES.join(", ")}, addresses and ranges such as 10.0.0.0/8; name the ` +
      `addresses of your proxies, or leave it out for ${fallback}`,
  );
  return fallback;
}

/** `10.0.0.1` or `10.0.0.0/8`, of either family. */
function isRange(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || address.includes("%") || rest.length > 0) return false;
  if (prefix === undefined) return true;
  const bits = Number(prefix);
  return /^\d+$/.test(prefix) && bits >= 1 && bits <= (family === 4 ? 32 : 128);
}

const LABEL = "[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?";
const hostName = new RegExp(`^${LABEL}(\\.${LABEL})*\\.?$`);

/** What can be listened on; whether a name leads to an address of this machine shows only then. */
export function readHost(env: EnvReader, name: string): string | undefined {
  const text = env.text(name);
  if (text === undefined || isIP(text) !== 0 || hostName.test(text)) return text;
  env.problem(
    `${name}: got "${text}", allowed is an address of this machine or its name, without brackets ` +
      "and port, such as 0.0.0.0, :: or localhost",
  );
  return undefined;
}

/** One certificate or several, as PEM; a broken one would fail at each connection, in a riddle. */
export function readCertificates(env: EnvReader, name: string): string | undefined {
  // Some platforms hand a PEM over on one line.
  const pem = env.text(name)?.replaceAll("\\n", "\n");
  if (pem === undefined) return undefined;
  const blocks = pem.split(/(?<=-----END CERTIFICATE-----)/).filter((part) => part.trim() !== "");
  if (blocks.every(isCertificate)) return pem;
  env.problem(
    `${name}: not a PEM certificate (it starts with -----BEGIN CERTIFICATE----- and ends with ` +
      "-----END CERTIFICATE-----); copy the whole file that the provider gives out",
  );
  return undefined;
}

function isCertificate(pem: string): boolean {
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) return false;
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** `a=1,b=2` as OpenTelemetry writes headers; the name of an entry without `=` is empty. */
export function parseHeaders(text = ""): readonly (readonly [name: string, value: string])[] {
  const entries = text.split(",").filter((entry) => entry.trim() !== "");
  return entries.map((entry) => {
    const at = entry.indexOf("=");
    return [entry.slice(0, Math.max(0, at)).trim(), decoded(entry.slice(at + 1).trim())];
  });
}

/** The values are secrets and are never repeated. */
export function readHeaders(env: EnvReader, name: string): Readonly<Record<string, string>> {
  const headers = parseHeaders(env.text(name));
  const wrong = headers.findIndex((header) => !isHeader(header));
  if (wrong >= 0) {
    env.problem(
      `${name}: entry ${wrong + 1} is no header (it is not shown, it may hold a key), allowed is ` +
        "name=value,name=value with %2C for a comma and %20 for a space inside a value",
    );
  }
  return Object.fromEntries(headers);
}

/** Name of a header, in lower case as Node has it. */
export function readHeaderName(env: EnvReader, name: string): string | undefined {
  const text = env.text(name);
  if (text === undefined || isHeader([text, ""])) return text?.toLowerCase();
  env.problem(
    `${name}: got "${text}", allowed is the name of one header, such as do-connecting-ip; leave ` +
      "it out where no proxy sets such a header",
  );
  return undefined;
}

function isHeader([name, value]: readonly [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

/** Two settings of which the first may not be the larger; `smaller` is shorter than `larger`. */
export function requireOrder(
  env: EnvReader,
  smaller: readonly [name: string, ms: number],
  larger: readonly [name: string, ms: number],
  why: string,
): void {
  if (smaller[1] <= larger[1]) return;
  env.problem(
    `${smaller[0]}: got ${smaller[1]}, allowed is at most ${larger[0]} (${larger[1]}): ${why}; ` +
      `lower it or raise ${larger[0]}`,
  );
}
