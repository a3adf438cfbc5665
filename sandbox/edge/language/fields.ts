import type { Headers } from "../headers";
import { fullUriOf, type RequestView, uriOf } from "../requestView";
import type { Value, ValueType } from "./tree";

interface Field {
  readonly type: ValueType;
  /** Known only once there is an answer. */
  readonly ofResponse?: true;
  readonly read: (view: RequestView) => Value | undefined;
}

const text = { scalar: "String", shape: "one" } as const;
const texts = { scalar: "String", shape: "list" } as const;
const map = { scalar: "String", shape: "map" } as const;

const header =
  (name: string) =>
  ({ headers }: RequestView): Value =>
    headers.get(name)?.join(", ") ?? "";
const names = (headers: Headers | undefined): Value | undefined =>
  headers && [...headers].flatMap(([name, values]) => values.map(() => name));
const values = (headers: Headers | undefined): Value | undefined =>
  headers && [...headers.values()].flat();

/** Fields that the edge can answer; Cloudflare knows more, of which the sandbox knows nothing. */
export const fields: Readonly<Record<string, Field>> = {
  "http.host": { type: text, read: ({ host }) => host },
  "http.request.method": { type: text, read: ({ method }) => method },
  "http.request.uri": { type: text, read: uriOf },
  "http.request.uri.path": { type: text, read: ({ path }) => path },
  "http.request.uri.path.extension": { type: text, read: ({ path }) => extensionOf(path) },
  "http.request.uri.query": { type: text, read: ({ query }) => query },
  "http.request.full_uri": { type: text, read: fullUriOf },
  "http.cookie": { type: text, read: header("cookie") },
  "http.referer": { type: text, read: header("referer") },
  "http.user_agent": { type: text, read: header("user-agent") },
  "http.x_forwarded_for": { type: text, read: header("x-forwarded-for") },
  "http.request.headers": { type: map, read: ({ headers }) => headers },
  "http.request.headers.names": { type: texts, read: ({ headers }) => names(headers) },
  "http.request.headers.values": { type: texts, read: ({ headers }) => values(headers) },
  "ip.src": {
    type: { scalar: "IP address", shape: "one" },
    read: ({ address }) => address,
  },
  ssl: { type: { scalar: "Boolean", shape: "one" }, read: ({ secure }) => secure },
  "http.response.code": {
    type: { scalar: "Integer", shape: "one" },
    ofResponse: true,
    read: ({ response }) => response?.status,
  },
  "http.response.headers": {
    type: map,
    ofResponse: true,
    read: ({ response }) => response?.headers,
  },
  "http.response.headers.names": {
    type: texts,
    ofResponse: true,
    read: ({ response }) => names(response?.headers),
  },
  "http.response.headers.values": {
    type: texts,
    ofResponse: true,
    read: ({ response }) => values(response?.headers),
  },
};

/** Lower case, without the dot; empty where the last segment has none. */
export function extensionOf(path: string): string {
  return /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
}
