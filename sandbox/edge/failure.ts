/** An answer that the edge gives itself because it has none of an origin. */
export class EdgeFailure extends Error {
  override readonly name = "EdgeFailure";
  constructor(
    /** HTTP status. */
    readonly status: number,
    /** Cloudflare's number: the status, or one of its 1xxx codes. */
    readonly code: number,
    /** Cloudflare's words for the number. */
    readonly title: string,
    /** What happened here. */
    explanation: string,
    /** What to look at. */
    readonly advice: string,
  ) {
    super(explanation);
  }
}

export const failures = {
  badRequest: (explanation: string) =>
    new EdgeFailure(400, 400, "Bad request", explanation, "Look at the request."),

  websocketsOff: () =>
    new EdgeFailure(
      ...([400, 400, "Bad request"] as const),
      "Websockets are switched off for this zone.",
      'Look at the zone\'s setting "websockets".',
    ),

  looped: (host: string) =>
    new EdgeFailure(
      ...([403, 1000, "DNS points to prohibited IP"] as const),
      `A request for ${host} came back to the edge again and again (header CDN-Loop).`,
      "Look for a proxy at the origin that sends requests to the public name.",
    ),
  unknownHost: (host: string) =>
    new EdgeFailure(
      ...([409, 1001, "DNS resolution error"] as const),
      `No zone has a proxied A, AAAA or CNAME record named ${host}.`,
      "Look at the records of the stacks; what is not proxied is reached at its own address.",
    ),
  addressAsHost: (host: string) =>
    new EdgeFailure(
      ...([403, 1003, "Direct IP access not allowed"] as const),
      `The request asks for ${host}, an IP address.`,
      "Ask for the site by its name.",
    ),
  unresolved: (host: string, target: string) =>
    new EdgeFailure(
      ...([530, 1016, "Origin DNS error"] as const),
      `${host} points to ${target}, which leads to no A or AAAA record.`,
      "Look at the record of the live tier's origin: is its stack up?",
    ),

  crossUser: (host: string, target: string) =>
    new EdgeFailure(
      ...([403, 1014, "CNAME Cross-User Banned"] as const),
      `${host} points to ${target}, which is in a zone of somebody else at Cloudflare.`,
      "Only a snippet or a Worker may fetch from there: look at the zone's plan and its snippets.",
    ),

  // The numbers are from rules/snippets/errors; no source tells the status beside them.
  snippetContinuedTwice: (name: string) =>
    new EdgeFailure(
      ...([500, 1201, "Snippet tried to continue to origin multiple times"] as const),
      `The snippet ${name} fetched the visitor's own host a second time.`,
      "Let each snippet fetch the request once.",
    ),
  snippetSubrequests: (name: string, most: number) =>
    new EdgeFailure(
      ...([500, 1202, "Snippets exceeded subrequests limit"] as const),
      `The snippet ${name} made more than ${most} requests of its own, the limit of the zone's plan.`,
      "Fetch less, or follow no redirects.",
    ),
  snippetTooSlow: (name: string) =>
    new EdgeFailure(
      ...([500, 1203, "Snippets exceeded CPU time limit"] as const),
      `The snippet ${name} computed for too long.`,
      "Look for a loop in its code; Cloudflare gives it 5 ms.",
    ),
  snippetThrew: (name: string) =>
    new EdgeFailure(
      ...([500, 1206, "Snippet threw exception"] as const),
      `The snippet ${name} threw an exception, or answered with no response.`,
      "The sandbox's log has its words.",
    ),

  noInstance: (host: string) =>
    new EdgeFailure(
      ...([503, 503, "Service unavailable"] as const),
      `The app at ${host} has no instance that answers.`,
      "Look whether its deployment is live: npx drops sandbox status.",
    ),

  failedAnswer: (explanation: string) =>
    new EdgeFailure(
      ...([520, 520, "Web server returned an unknown error"] as const),
      explanation,
      "Look at the log of the web server and of the app.",
    ),
  refused: (place: string) =>
    new EdgeFailure(
      ...([521, 521, "Web server is down"] as const),
      `Nobody listens at ${place}.`,
      "Look whether the web server runs and on which ports.",
    ),
  dropped: (place: string, reason: string) =>
    new EdgeFailure(
      ...([522, 522, "Connection timed out"] as const),
      `${place} did not take the connection: ${reason}.`,
      "Look at the firewall: it must admit Cloudflare's addresses.",
    ),
  unreachable: (place: string) =>
    new EdgeFailure(
      ...([523, 523, "Origin is unreachable"] as const),
      `No machine has the address of ${place}.`,
      "Look at the origin's record: does it name a machine that is gone?",
    ),
  silent: (place: string, seconds: number) =>
    new EdgeFailure(
      ...([524, 524, "A timeout occurred"] as const),
      `${place} took the request and gave no answer within ${seconds} s.`,
      "Look at the app: what does it wait for?",
    ),
  handshake: (place: string, host: string, reason: string) =>
    new EdgeFailure(
      ...([525, 525, "SSL handshake failed"] as const),
      `${place} made no TLS connection for ${host}: ${reason}.`,
      "Look at the web server's TLS: does it serve this name on port 443?",
    ),
  certificate: (place: string, host: string, reason: string) =>
    new EdgeFailure(
      ...([526, 526, "Invalid SSL certificate"] as const),
      `The certificate that ${place} shows for ${host} does not hold: ${reason}.`,
      "Look at the certificate's names, dates and issuer, or at the zone's setting \"ssl\".",
    ),

  tooLarge: (megabytes: number) =>
    new EdgeFailure(
      ...([413, 413, "Payload too large"] as const),
      `The request's body has more than ${megabytes} MB, Cloudflare's limit.`,
      "Send less at once.",
    ),
  uriTooLong: () =>
    new EdgeFailure(
      ...([414, 414, "URI too long"] as const),
      "The request's address has more than 16 KB, Cloudflare's limit.",
      "Send less in the address.",
    ),
  internal: () =>
    new EdgeFailure(
      ...([500, 500, "Internal error"] as const),
      "The sandbox's edge itself failed.",
      "Look at the sandbox's log.",
    ),
} as const;
