import { paths, ports } from "../../host/paths";
import { maxReplicas } from "../../host/types";
import { splitUrl } from "./connectionUrl";
import { textIn, writeAtOnce } from "../files";
import { removeFile } from "./fileSystem";
import { Failed } from "./outcome";
import { localRedis } from "./relocation";
import { secretOf, type HostSettings } from "./settings";

interface ComposedFile {
  /** Below /etc/drops. */
  readonly name: string;
  /** Undefined: there is no such file. */
  readonly text: string | undefined;
  readonly mode: number;
}

/**
 * Joins plain configuration with secrets, byte for byte as host/files/compose.py does. Adds to
 * `changed` what differs, by path on the host.
 */
export function composeFiles(root: string, settings: HostSettings, changed: Set<string>): void {
  for (const { name, text, mode } of composed(root, settings)) {
    const path = `${paths.etc}/${name}`;
    const differs =
      text === undefined ? removeFile(root + path) : writeAtOnce(root + path, text, mode);
    if (differs) changed.add(path);
  }
}

function composed(root: string, settings: HostSettings): readonly ComposedFile[] {
  const secret = (name: string): string | undefined => secretOf(root, name);
  const database = secret("database-url");
  if (database === undefined) throw new Failed("compose: there is no secret database-url");
  // Empty counts as absent, as it does on a droplet.
  const redis =
    settings.redisMode === "none" ? undefined : [secret("redis-url"), localRedis].find(Boolean);
  const authority = secret("database-ca");
  const token = settings.site === "proxied" ? secret("acme-token") : undefined;
  return [
    settings.role === "app"
      ? {
          name: "app.env.json",
          text: appEnvironment(root, database, authority, redis),
          mode: 0o640,
        }
      : { name: "metrics-token.conf", text: metricsToken(secret("metrics-token")), mode: 0o600 },
    { name: "postgres-exporter.env", text: postgresExporter(database, authority), mode: 0o600 },
    ...Array.from({ length: maxReplicas }, (_, index) => {
      const url =
        index < settings.replicas ? secret(`database-replica-url-${index + 1}`) : undefined;
      const text = url && postgresExporter(url, authority);
      return { name: `postgres-replica-${index + 1}.env`, text, mode: 0o600 };
    }),
    { name: "redis-exporter.env", text: redis && redisExporter(redis), mode: 0o600 },
    { name: "database-ca.pem", text: authority && `${authority}\n`, mode: 0o644 },
    {
      name: "acme-cloudflare.ini",
      text: token && `dns_cloudflare_api_token = ${token}\n`,
      mode: 0o600,
    },
  ];
}

function appEnvironment(
  root: string,
  database: string,
  authority: string | undefined,
  redis: string | undefined,
): string {
  const plain = JSON.parse(textIn(`${root}${paths.etc}/app-environment.json`) ?? "{}") as object;
  const environment = {
    ...plain,
    DATABASE_URL: database,
    ...(authority !== undefined && { DATABASE_CA: authority }),
    ...(redis !== undefined && { REDIS_URL: redis }),
    ...(authority !== undefined && { NODE_EXTRA_CA_CERTS: paths.databaseCa }),
  };
  return `${asciiJson(environment)}\n`;
}

function postgresExporter(database: string, authority: string | undefined): string {
  // The exporter takes "system" for a file's name; without any it reads the system's trust store.
  const [, base = "", mark = "", query = ""] = /^([^?]*)(\??)([^]*)$/.exec(database) ?? [];
  const options = query.split("&").filter((option) => option !== "sslrootcert=system");
  return unitEnvironment({
    DATA_SOURCE_NAME: base + mark + options.join("&"),
    ...(authority && { PGSSLROOTCERT: paths.databaseCa }),
  });
}

function metricsToken(token = ""): string {
  if (!/^[A-Za-z0-9_-]{16,256}$/.test(token)) {
    throw new Failed(
      "compose: the secret metrics-token must be 16 to 256 letters, digits, _ and -",
    );
  }
  // As a pattern, because nginx compares plain texts of a map without regard to case.
  return `map $http_x_drops_token $drops_metrics_allowed {
    default 0;
    "~^${token}$" 1;
}
`;
}

/** Address and password apart, because the exporter's log names the address. */
function redisExporter(redis: string): string {
  const url = splitUrl(redis);
  if (!url) throw new Failed("compose: redis-url is not a URL with a host");
  const host = url.host.includes(":") ? `[${url.host}]` : url.host;
  return unitEnvironment({
    REDIS_ADDR: `${url.scheme}://${host}:${url.port || ports.redis}${url.path}`,
    ...(url.user && url.user !== "default" && { REDIS_USER: url.user }),
    ...(url.password && { REDIS_PASSWORD: url.password }),
  });
}

/** Lines that systemd's EnvironmentFile reads back as they are. */
function unitEnvironment(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\`$]/g, String.raw`\$&`)}"\n`)
    .join("");
}

/** Python's json.dumps with an indent of 2: what is not ASCII is escaped. */
function asciiJson(value: object): string {
  return JSON.stringify(value, null, 2).replaceAll(
    /[^\n -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
