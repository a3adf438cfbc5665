import { readFileSync } from "node:fs";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { CloudClient } from "../cloud/client";
import type { Places } from "../places";
import { outputOf, readState } from "./state";

/** Where a browser on this machine finds a stack's site. */
export interface Site {
  /** The public address with this machine's port in it. */
  readonly url: string;
  readonly port: number;
  /** Whether a browser must be told of the sandbox's authority. */
  readonly tls: boolean;
}

const READY_SECONDS = 60;

/** Undefined: the stack has no site yet. */
export async function siteOf(
  cloud: Pick<CloudClient, "address" | "sitePorts">,
  places: Places,
  stack: string,
): Promise<Site | undefined> {
  const state = readState(places, stack);
  const publicUrl = outputOf(state, "publicUrl");
  if (typeof publicUrl !== "string" || !URL.canParse(publicUrl)) return undefined;
  const url = new URL(publicUrl);
  const tls = url.protocol === "https:";
  // The edge's process stands for App Platform's own edge and for CloudFront too.
  const behindEdge =
    ["edge", "medium", "large"].includes(String(outputOf(state, "tier"))) ||
    outputOf(state, "originName") !== "";
  const ports = behindEdge ? cloud.address.edge : await cloud.sitePorts(stack);
  if (!ports) return undefined;
  const port = tls ? ports.https : ports.http;
  // An address of the embedded cloud exists nowhere; its ports are on loopback.
  if (isIP(url.hostname) !== 0) url.hostname = "127.0.0.1";
  url.port = String(port);
  return { url: url.href.replace(/\/$/, ""), port, tls };
}

/**
 * Waits until the site says that it is ready, and tells what it says in the end: the last answer, or
 * why there is none.
 *
 * @param seconds How long it is asked again.
 */
export async function waitReady(
  site: Site,
  places: Places,
  seconds = READY_SECONDS,
): Promise<{ readonly ready: boolean; readonly answer: string }> {
  const until = Date.now() + seconds * 1_000;
  for (;;) {
    const answer = await ask(site, places, "/readyz").catch((error: unknown) => String(error));
    const ready = typeof answer !== "string" && answer.status === 200;
    if (ready || Date.now() > until) {
      const text = typeof answer === "string" ? answer : `${answer.status} ${answer.body}`;
      return { ready, answer: text.slice(0, 300) };
    }
    await sleep(500);
  }
}

async function ask(
  { url, port, tls }: Site,
  { certificate }: Places,
  path: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const { hostname, host } = new URL(url);
  // Not every system resolves names below "localhost".
  const options = { host: "127.0.0.1", port, path, headers: { host }, timeout: 5_000 };
  return await new Promise((resolve, reject) => {
    const request = tls
      ? secureRequest({ ...options, servername: hostname, ca: readFileSync(certificate) })
      : plainRequest(options);
    request.once("error", reject);
    request.once("timeout", () => request.destroy(new Error("no answer within 5 s")));
    request.once("response", (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.once("end", () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
      response.once("error", reject);
    });
    request.end();
  });
}
