import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { WebSocket } from "ws";
import type { App } from "./programs";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

export interface Options {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export async function call(
  app: Pick<App, "url">,
  path: string,
  options: Options = {},
): Promise<Answer> {
  const response = await fetch(app.url + path, {
    ...options,
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  const json = response.headers.get("content-type")?.includes("json") === true;
  return {
    status: response.status,
    headers: response.headers,
    body: json ? JSON.parse(text) : text,
  };
}

export async function openDrop(
  app: Pick<App, "url">,
  userId: number | string,
  key: string = randomUUID(),
  body: object = {},
): Promise<Answer> {
  return await call(app, `/api/users/${userId}/drops`, {
    method: "POST",
    headers: { "idempotency-key": key, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

export async function refund(
  app: Pick<App, "url">,
  userId: number | string,
  cardId: string,
  key: string = randomUUID(),
): Promise<Answer> {
  return await call(app, `/api/users/${userId}/cards/${cardId}/refund`, {
    method: "POST",
    headers: { "idempotency-key": key },
  });
}

/** Asks until it holds, or fails with what was seen last: nothing here waits a fixed time. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | false | undefined> | T | false | undefined,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    let seen: unknown;
    try {
      const answer = await ask();
      if (answer !== false && answer !== undefined) return answer;
      seen = answer;
    } catch (error) {
      seen = error;
    }
    if (Date.now() > deadline)
      throw new Error(`not within ${withinMs} ms: ${what} (${String(seen)})`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Sends bytes as they are and resolves with all that came back until the other side closed. */
export async function raw(port: number, text: string): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString()));
    socket.on("error", reject);
    socket.on("close", () => {
      resolve(answer);
    });
    socket.write(text);
  });
}

export interface Watcher {
  readonly socket: WebSocket;
  /** Messages so far, the greeting left out. */
  readonly messages: any[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** Opens a websocket and waits for its greeting. */
export async function watch(app: Pick<App, "port">, path = "/ws"): Promise<Watcher> {
  const socket = new WebSocket(`ws://127.0.0.1:${app.port}${path}`);
  const messages: any[] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => {
      resolve({ code, reason: reason.toString() });
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data) => {
      const message = JSON.parse((data as Buffer).toString()) as { type: string };
      if (message.type === "welcome") resolve();
      else messages.push(message);
    });
  });
  return { socket, messages, closed };
}

/** Status of a refused upgrade. */
export async function refusedUpgrade(app: Pick<App, "port">, path = "/ws"): Promise<number> {
  return await new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${app.port}${path}`);
    socket.on("unexpected-response", (_request, response) => {
      resolve(response.statusCode ?? 0);
      response.resume();
      socket.terminate();
    });
    socket.on("open", () => {
      reject(new Error("the upgrade was accepted"));
    });
    socket.on("error", () => undefined);
  });
}
