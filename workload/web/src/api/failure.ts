/** Why a request brought nothing: what the server said, or that it said nothing (`status` 0). */
export class Failure extends Error {
  override readonly name = "Failure";

  constructor(
    readonly status: number,
    /** The API's stable word, such as `read_only`. */
    readonly code: string,
    /** Made to be read by a visitor. */
    message: string,
    readonly details: { readonly retryAfterSeconds?: number; readonly requestId?: string } = {},
  ) {
    super(message);
  }

  /** Whether the same request, with the same key, may well succeed a little later. */
  get passing(): boolean {
    if (this.code === "idempotency_key_in_progress") return true;
    return this.status === 0 || [408, 425, 429].includes(this.status) || this.status >= 502;
  }
}

export function noAnswer(): Failure {
  return new Failure(0, "no_answer", "The server cannot be reached.");
}

/** Reads an unsuccessful answer; a proxy's own pages are no JSON and get words of ours. */
export async function failureOf(response: Response, now: number = Date.now()): Promise<Failure> {
  const said = errorIn(await response.text().catch(() => ""));
  const retryAfterSeconds = parseRetryAfter(response.headers.get("retry-after"), now);
  return new Failure(
    response.status,
    said?.code ?? `http_${String(response.status)}`,
    said?.message ?? wordsFor(response.status),
    {
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(said?.requestId !== undefined && { requestId: said.requestId }),
    },
  );
}

/** Seconds from now: the header is a number of them, or a date. */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null || value.trim() === "") return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1_000));
}

interface ApiError {
  readonly code: string;
  readonly message: string;
  readonly requestId?: string;
}

function errorIn(text: string): ApiError | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: Partial<Record<keyof ApiError, unknown>> };
    if (typeof error?.code !== "string" || typeof error.message !== "string") return undefined;
    const { requestId } = error;
    return {
      code: error.code,
      message: error.message,
      ...(typeof requestId === "string" && { requestId }),
    };
  } catch {
    return undefined;
  }
}

function wordsFor(status: number): string {
  if (status === 429) return "Too many requests came from here; a short pause helps.";
  if (status >= 502) return "The service does not answer at the moment.";
  return status >= 500 ? "Something went wrong on our side." : "The server refused the request.";
}
