import { request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** What the sample server says of the request that it got. */
  readonly seen: {
    readonly pid: number;
    readonly version: string;
    readonly env: Readonly<Record<string, string>>;
    readonly headers: Readonly<Record<string, string>>;
    readonly url: string;
    readonly body: string;
  };
}

/** One request on a connection of its own, and its whole answer. */
export async function ask(
  options: RequestOptions & { readonly tls?: boolean },
  body?: string,
): Promise<Answer> {
  const request = options.tls === true ? httpsRequest : httpRequest;
  return await new Promise((resolve, reject) => {
    const asked = request({ ...options, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.once("error", reject).once("end", () => {
        resolve({
          ...{ status: response.statusCode ?? 0, headers: response.headers, body: text },
          seen: (text.startsWith("{") ? JSON.parse(text) : {}) as Answer["seen"],
        });
      });
    });
    asked.once("error", reject);
    asked.end(body);
  });
}
