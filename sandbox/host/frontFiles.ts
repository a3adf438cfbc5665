import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import { paths } from "../../host/paths";
import { textIn } from "../files";
import { mimeTypes } from "./mimeTypes";
import { Failed } from "./outcome";
import { readSettings } from "./settings";

/** What the bundle says of requests, as far as the stand-in for nginx understands it. */
export interface FrontRules {
  readonly site: "proxied" | "direct" | "address";
  readonly names: readonly string[];
  /** Undefined without a domain. */
  readonly tls: SecureContext | undefined;
  /** Headers that an answer gets where the app did not set them itself. */
  readonly headers: Readonly<Record<string, string>>;
  /** What visitors see before the first release. */
  readonly unavailablePage: string;
}

/** Reads the rules from the same files as nginx would, so that nothing is said twice. */
export function readFrontRules(root: string): FrontRules {
  const settings = readSettings(root);
  if (!settings) throw new Failed(`there is no ${paths.etc}/host.env`);
  const page = /return 503 "([^"]*)"/.exec(nginxFile(root, "sites-available/drops-app"))?.[1];
  return {
    site: settings.site,
    names: settings.names,
    tls: settings.site === "address" ? undefined : readTls(root),
    headers: readHeaders(root),
    unavailablePage: page ?? "",
  };
}

/** `add_header NAME $variable` of the snippet, each variable with what the main file gives it. */
function readHeaders(root: string): Readonly<Record<string, string>> {
  const maps = nginxFile(root, "nginx.conf").matchAll(
    /map \$upstream_http_\w+ (\$\w+) \{\s+"" "([^"]*)";/g,
  );
  const values = new Map([...maps].map(([, variable = "", value = ""]) => [variable, value]));
  const added = nginxFile(root, "snippets/drops-headers.conf").matchAll(
    /^add_header (\S+) (\$\w+) always;$/gm,
  );
  return Object.fromEntries(
    [...added].map(([, name = "", variable = ""]) => [name, values.get(variable) ?? ""]),
  );
}

function readTls(root: string): SecureContext {
  try {
    return createSecureContext({
      cert: readFileSync(`${root}${paths.tls}/fullchain.pem`),
      key: readFileSync(`${root}${paths.tls}/privkey.pem`),
      minVersion: "TLSv1.2",
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failed(`the certificate in ${paths.tls} cannot be used: ${why}`);
  }
}

function nginxFile(root: string, name: string): string {
  const text = textIn(join(root, "etc/nginx", name));
  if (text === undefined) throw new Failed(`there is no /etc/nginx/${name}`);
  return text;
}

export function isReleased(root: string): boolean {
  return existsSync(`${root}${paths.current}/dist/index.js`);
}

/** A built file of the release in use or the one before, with its type. */
export function assetOf(
  root: string,
  path: string,
): { readonly file: string; readonly type: string } | undefined {
  const plain = normalize(path);
  if (!plain.startsWith("/assets/")) return undefined;
  const file = [paths.current, paths.previous]
    .map((release) => join(root, release, "dist/public", plain))
    .find((each) => statSync(each, { throwIfNoEntry: false })?.isFile());
  return file === undefined
    ? undefined
    : { file, type: mimeTypes[extname(file).slice(1)] ?? "application/octet-stream" };
}
