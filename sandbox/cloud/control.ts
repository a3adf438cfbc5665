import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What the commands may ask of the cloud's process, by name. */
type Methods = Readonly<Record<string, (params: never) => unknown>>;

const MAX_BODY_BYTES = 1 << 20;

/** The cloud's own door for `drops sandbox …`: JSON over loopback, for who can read its address. */
export class ControlServer {
  readonly token = randomBytes(24).toString("base64url");
  private readonly server: Server;

  constructor(methods: Methods, log: (line: string) => void) {
    this.server = createServer((request, response) => {
      const answer = (status: number, body: object): void => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      };
      if (!this.admits(request)) {
        answer(403, { error: "not for you" });
        return;
      }
      run(request, methods).then(
        (result) => {
          answer(200, { result: result ?? null });
        },
        (error: unknown) => {
          log(error instanceof Error ? (error.stack ?? error.message) : String(error));
          answer(500, { error: error instanceof Error ? error.message : String(error) });
        },
      );
    });
    // A release takes as long as the app takes to be healthy.
    this.server.requestTimeout = 0;
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(0, "127.0.0.1", resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private admits({ headers }: IncomingMessage): boolean {
    const given = Buffer.from(headers.authorization ?? "");
    const wanted = Buffer.from(`Bearer ${this.token}`);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}

async function run(request: IncomingMessage, methods: Methods): Promise<unknown> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) {
    text += chunk as string;
    if (text.length > MAX_BODY_BYTES) throw new Error("the request is too long");
  }
  const { method, params } = JSON.parse(text) as { method: string; params: never };
  const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!found) throw new Error(`the cloud has no method ${method}`);
  return await found(params);
}
