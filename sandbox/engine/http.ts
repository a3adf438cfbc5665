import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import * as tls from "node:tls";
import { proxyAuthorization, proxyFor } from "./proxy";
import { Unusable, type EngineSettings } from "./types";

const mostRedirects = 3;

/**
 * The answer to a GET, through the environment's proxy if there is one: Node's `fetch` knows no
 * proxies before version 24. Anything but success within `limits.connect` throws Unusable; so does
 * the body, later, when nothing of it arrives for `limits.stall`.
 */
export async function get(url: URL, settings: EngineSettings): Promise<http.IncomingMessage> {
  let target = url;
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const response = await getOnce(target, settings);
    const status = response.statusCode ?? 0;
    if (status === 200) {
      const { stall } = settings.limits;
      response.setTimeout(stall, () => {
        response.destroy(new Unusable(`${target.host} sent nothing for ${stall / 1000} s`));
      });
      return response;
    }
    response.destroy();
    const { location } = response.headers;
    if (status < 300 || status > 399 || location === undefined) {
      throw new Unusable(`${target.href} answered ${status}`);
    }
    target = new URL(location, target);
    if (target.protocol !== url.protocol) {
      throw new Unusable(`${url.host} redirects from ${url.protocol} to ${target.protocol}`);
    }
  }
  throw new Unusable(`${url.host} redirects more than ${mostRedirects} times`);
}

async function getOnce(url: URL, settings: EngineSettings): Promise<http.IncomingMessage> {
  const { connect } = settings.limits;
  const giveUp = new AbortController();
  const timer = setTimeout(() => {
    giveUp.abort();
  }, connect);
  const proxy = proxyFor(url, settings.environment);
  try {
    const tunnel = proxy && (await tunnelTo(url, proxy, giveUp.signal));
    return await answerOf(url, tunnel, giveUp.signal);
  } catch (error) {
    if (error instanceof Unusable) throw error;
    const through = proxy === undefined ? "" : ` through the proxy ${proxy.host}`;
    const why = giveUp.signal.aborted ? `no answer in ${connect / 1000} s` : reasonOf(error);
    throw new Unusable(`${url.host} cannot be reached${through} (${why})`);
  } finally {
    clearTimeout(timer);
  }
}

/** A connection that the proxy makes for us; it sees the host's name and nothing of the content. */
function tunnelTo(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const authority = `${url.hostname}:${url.port === "" ? defaultPort(url) : url.port}`;
  const login = proxyAuthorization(proxy);
  return new Promise((resolve, reject) => {
    const { request } = proxy.protocol === "https:" ? https : http;
    request({
      host: proxy.hostname,
      port: proxy.port === "" ? defaultPort(proxy) : Number(proxy.port),
      method: "CONNECT",
      path: authority,
      headers: { host: authority, ...(login && { "proxy-authorization": login }) },
      agent: false,
      signal,
    })
      .on("connect", (response, socket) => {
        if (response.statusCode === 200) {
          resolve(socket);
          return;
        }
        socket.destroy();
        const status = response.statusCode ?? "nothing";
        reject(new Unusable(`the proxy ${proxy.host} answered ${status} for ${authority}`));
      })
      .on("response", (response) => {
        response.destroy();
        reject(new Unusable(`the proxy ${proxy.host} does not forward connections`));
      })
      .on("error", reject)
      .end();
  });
}

function answerOf(
  url: URL,
  tunnel: Socket | undefined,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  const secure = url.protocol === "https:";
  const throughTunnel = tunnel && {
    createConnection: () =>
      secure ? tls.connect({ socket: tunnel, servername: url.hostname }) : tunnel,
  };
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(url, throughTunnel ?? { agent: false });
    const abort = (): void => {
      request.destroy();
    };
    // Not the request's own `signal`: that would cut off the body as well.
    signal.addEventListener("abort", abort, { once: true });
    request
      .on("response", (response) => {
        signal.removeEventListener("abort", abort);
        resolve(response);
      })
      .on("error", reject)
      .end();
  });
}

function defaultPort(url: URL): number {
  return url.protocol === "https:" ? 443 : 80;
}

/** "ENOTFOUND" says more, and more shortly, than the sentence around it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  const isCertificate = code !== undefined && /SELF_SIGNED|ISSUER|LEAF_SIGNATURE/.test(code);
  return isCertificate
    ? `${code}; name your network's authority in NODE_EXTRA_CA_CERTS`
    : (code ?? error.message);
}
