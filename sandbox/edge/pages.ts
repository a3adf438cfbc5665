import type { EdgeFailure } from "./failure";
import type { MutableHeaders } from "./headers";
import type { Blocked } from "./rules/rateLimiter";
import type { Redirect } from "./rules/redirects";

/** An answer that the edge makes itself. */
export interface OwnAnswer {
  readonly status: number;
  /** For the status line, where Node has no words for the number. */
  readonly message?: string;
  readonly headers: MutableHeaders;
  readonly body: Buffer;
}

/** A failure as a page that says who speaks, what happened and what to look at. */
export function failurePage(failure: EdgeFailure, ray: string): OwnAnswer {
  const { code, title, message, advice } = failure;
  const text = page(`Error ${code}: ${title}`, [
    message,
    advice,
    `This is the sandbox's edge, which stands in for Cloudflare's proxy. Ray ID: ${ray}`,
  ]);
  return { ...own(failure.status, text), message: title };
}

export function redirectAnswer({ status, location }: Redirect): OwnAnswer {
  const answer = own(status, page("Moved", [`The site is at ${location}`]));
  answer.headers.set("location", [location]);
  return answer;
}

export function blockedAnswer(blocked: Blocked, ray: string): OwnAnswer {
  const { action, retryAfterSeconds, response } = blocked;
  const isChallenge = action !== "block";
  const answer = response
    ? own(response.statusCode, response.content, response.contentType)
    : own(
        isChallenge ? 403 : 429,
        page("Error 1015: You are being rate limited", [
          `Too many requests came from your address; try again in ${retryAfterSeconds} s.`,
          "Look at the zone's rules of http_ratelimit.",
          `This is the sandbox's edge, which stands in for Cloudflare's proxy. Ray ID: ${ray}`,
        ]),
      );
  answer.headers.set("retry-after", [String(retryAfterSeconds)]);
  if (isChallenge) answer.headers.set("cf-mitigated", ["challenge"]);
  return answer;
}

function own(status: number, text: string, type = "text/html; charset=UTF-8"): OwnAnswer {
  const body = Buffer.from(text);
  return {
    status,
    headers: new Map([
      ["content-type", [type]],
      ["content-length", [String(body.length)]],
      ["cache-control", ["private, no-store"]],
    ]),
    body,
  };
}

function page(title: string, paragraphs: readonly string[]): string {
  const body = paragraphs.map((text) => `<p>${escaped(text)}</p>`).join("\n");
  return `<!doctype html>\n<title>${escaped(title)}</title>\n<h1>${escaped(title)}</h1>\n${body}\n`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
