import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudClient } from "./client";
import { ControlServer } from "./control";

/** Where Node keeps what `fetch` sends requests with, limits included. */
const dispatcher = Symbol.for("undici.globalDispatcher.1");
type Dispatchers = Record<symbol, { readonly constructor: new (options: object) => object }>;

describe("the client of the cloud", () => {
  const server = new ControlServer(
    {
      ping: () => sleep(4_000, { pid: 1 }),
      status: () => sleep(2_500, { pid: 2 }),
      find: () => {
        throw new Error("told why");
      },
    },
    () => undefined,
  );
  let client: CloudClient;
  beforeEach(async () => {
    client = new CloudClient({
      ...{ pid: 1, providerPorts: {}, edge: { http: 1, https: 2 }, codeVersion: "" },
      ...{ controlPort: await server.listen(), token: server.token },
    });
  });
  afterEach(() => {
    server.close();
  });

  it("waits as long as it says, and no library's own limit is shorter", async () => {
    // Makes the dispatcher, then gives it a limit that is reached sooner than after five minutes.
    await fetch("data:,").catch(() => undefined);
    await fetch("http://127.0.0.1:1/").catch(() => undefined);
    const dispatchers = globalThis as unknown as Dispatchers;
    const before = dispatchers[dispatcher];
    if (!before) throw new Error("this Node keeps its dispatcher elsewhere");
    Object.assign(dispatchers, { [dispatcher]: new before.constructor({ headersTimeout: 500 }) });
    try {
      const [answer, late] = await Promise.allSettled([client.status(), client.ping()]);
      expect(answer).toMatchObject({ status: "fulfilled", value: { pid: 2 } });
      expect(late).toMatchObject({ status: "rejected" });
      expect(String((late as PromiseRejectedResult).reason)).toContain("does not answer (ping)");
      await expect(client.find("urn")).rejects.toThrow("told why");
    } finally {
      Object.assign(dispatchers, { [dispatcher]: before });
    }
  });
});
