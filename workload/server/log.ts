import pino, { type DestinationStream, type Logger, type LoggerOptions } from "pino";

export type { Logger };

export interface LogOptions {
  readonly level: string;
  /** Fields of every line. */
  readonly base: Readonly<Record<string, string | number>>;
  /** Values that must not appear in a line, wherever they come from. */
  readonly secrets: readonly string[];
  /** Where lines go; standard output unless given. */
  readonly destination?: DestinationStream;
}

/** One JSON object a line on standard output; secrets are cut out of the finished line. */
export function createLogger(options: LogOptions): Logger {
  const clean = scrubber(options.secrets);
  const settings: LoggerOptions = {
    level: options.level,
    base: options.base,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: serializeError },
    hooks: { streamWrite: clean },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}

/** A shorter secret may be an ordinary word, and would garble every line that has it. */
const SHORTEST_LITERAL = 8;

/**
 * What stands before the host in a URL: up to the last @ before the path, or, since a password may hold
 * an unescaped slash, from a colon to the next @. The bounds keep a long line from taking long.
 */
const USER_INFO = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s"/?#]+|[^\s:/@"]{0,100}:[^\s@"]{1,300})@/gi;

/** The drivers take a password from a parameter too. */
const PASSWORD_PARAMETER = /([?&]password=)[^\s"&#]+/gi;

/**
 * Removes the password of whatever looks like a URL, however short, and known secrets of eight or more
 * characters wherever they stand, in JSON's spelling too.
 */
export function scrubber(secrets: readonly string[]): (text: string) => string {
  const long = secrets.filter((secret) => secret.length >= SHORTEST_LITERAL);
  const spellings = long.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  const known = [...new Set(spellings)].sort((a, b) => b.length - a.length);
  return (text) => {
    let result = text;
    for (const secret of known) result = result.replaceAll(secret, "[secret]");
    result = result.replaceAll(PASSWORD_PARAMETER, "$1[secret]");
    return result.replaceAll(USER_INFO, (_, scheme: string, userInfo: string) => {
      const colon = userInfo.indexOf(":");
      // Without a colon it is a token as likely as a name.
      return `${scheme}${colon === -1 ? "" : userInfo.slice(0, colon + 1)}[secret]@`;
    });
  };
}

/** What a line says of an error: never the object itself, whose fields may hold parameters. */
function serializeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === "string" && { code }),
    stack: error.stack,
    ...(error.cause !== undefined && { cause: serializeError(error.cause) }),
  };
}
