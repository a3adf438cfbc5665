import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type AnswerHead, headOf } from "./exchange";
import type { OriginAnswer, OriginClient, OriginQuestion } from "./origin/originClient";
import type { OriginTarget } from "./origin/originTarget";
import { relay } from "./relay";
import type { Websockets } from "./websockets";

/** A connection that the visitor wants to become a websocket. */
export interface Upgrade {
  readonly socket: Socket;
  readonly head: Buffer;
}

/** A visitor who waits for an answer. */
export interface Waiting {
  readonly outgoing: ServerResponse;
  readonly ray: string;
  readonly upgrade?: Upgrade;
}

interface Needs {
  readonly client: OriginClient;
  readonly websockets: Websockets;
  /** Milliseconds. */
  readonly readTimeout: number;
}

/** Asks an origin for a visitor, without any cache, and hands over what it answers or becomes. */
export async function handOver(
  { client, websockets, readTimeout }: Needs,
  visitor: Waiting,
  target: OriginTarget,
  question: Omit<OriginQuestion, "signal" | "upgrade">,
  begin: (head: AnswerHead) => void,
): Promise<void> {
  const { outgoing, upgrade } = visitor;
  const headers = upgrade
    ? new Map([...question.headers, ["connection", ["Upgrade"]], ["upgrade", ["websocket"]]])
    : question.headers;
  const answer = await client.ask(target, {
    ...{ ...question, headers, signal: leaving(visitor) },
    ...(upgrade && { upgrade: true }),
  });
  if (answer.upgraded && upgrade) {
    joined(websockets, visitor, upgrade, answer);
    return;
  }
  // An upgrade that the origin refused is an ordinary answer.
  begin({ ...headOf(answer.response), cacheStatus: "DYNAMIC" });
  const source = answer.response;
  await relay({ ...{ source, sink: outgoing, wantsBody: true, keeps: false }, readTimeout });
}

/** Makes the visitor's connection and the origin's one websocket. */
export function joined(
  websockets: Websockets,
  { outgoing, ray }: Waiting,
  upgrade: Upgrade,
  { response, upgraded }: OriginAnswer,
): void {
  if (!upgraded) return;
  outgoing.detachSocket(upgrade.socket);
  websockets.join(upgrade, { ...upgraded, response }, ray);
}

/** Ends what is asked for a visitor who has left. */
export function leaving({ outgoing, upgrade }: Waiting): AbortSignal {
  const gone = new AbortController();
  (upgrade?.socket ?? outgoing).once("close", () => {
    gone.abort();
  });
  return gone.signal;
}
