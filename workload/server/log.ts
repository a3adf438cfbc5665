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

/** Removes known secrets, in JSON's spelling too, and the password of whatever looks like a URL. */
export function scrubber(secrets: readonly string[]): (text: string) => string {
  const spellings = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  const known = [...new Set(spellings)].sort((a, b) => b.length - a.length);
  return (text) => {
    let result = text;
    for (const secret of known) result = result.replaceAll(secret, "[secret]");
    return result.replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@"]*):[^\s@"]+@/gi, "$1:[secret]@");
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
