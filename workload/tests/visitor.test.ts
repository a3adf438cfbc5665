import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { call, raw, refusedUpgrade, until } from "./support/client";
import type { App } from "./support/programs";
import { newSuite } from "./support/suite";

const secret = { "x-origin-secret": "known-to-the-cdn" };
const PATH = "/api/users/1/cards";

/** The address in the log's line about one request. */
async function logged(app: App, headers: Readonly<Record<string, string>>, path = PATH) {
  const id = randomUUID();
  await call(app, path, { headers: { ...headers, "x-request-id": id } });
  const line = await until("the line", () =>
    app.lines().find((each) => each["requestId"] === id && each.msg === "request"),
  );
  return line["ip"];
}

describe("who the log says that a visitor is", () => {
  it("behind a platform that sets a header of its own", async () => {
    const suite = await newSuite("visitor_platform");
    const app = await suite.app({
      VISITOR_IP_HEADER: "DO-Connecting-IP",
      TRUST_PROXY: "false",
    });
    const ingress = { "x-forwarded-for": "10.244.0.3" };
    expect(await logged(app, { ...ingress, "do-connecting-ip": "203.0.113.7" })).toBe(
      "203.0.113.7",
    );
    expect(await logged(app, { ...ingress, "do-connecting-ip": "2001:db8::7" })).toBe(
      "2001:db8::7",
    );
    // What is no single address is nobody's; what stands in the usual header is not believed.
    for (const wrong of ["203.0.113.7, 10.0.0.1", "localhost", "203.0.113.7:80", ""]) {
      expect(await logged(app, { ...ingress, "do-connecting-ip": wrong })).toBe("127.0.0.1");
    }
    expect(await logged(app, ingress)).toBe("127.0.0.1");
  });

  it("behind a CDN with a secret: nobody else can choose it", async () => {
    const suite = await newSuite("visitor_cdn");
    const app = await suite.app({
      ...{ VISITOR_IP_HEADER: "x-drops-visitor-ip", TRUST_PROXY: "false" },
      ORIGIN_SECRET: secret["x-origin-secret"],
    });
    const visitor = { "x-drops-visitor-ip": "203.0.113.7" };
    expect(await logged(app, { ...visitor, ...secret })).toBe("203.0.113.7");
    for (const path of [PATH, "/healthz", "/readyz"]) {
      expect(await logged(app, visitor, path)).toBe("127.0.0.1");
      expect(await logged(app, { ...visitor, "x-origin-secret": "guessed" }, path)).toBe(
        "127.0.0.1",
      );
    }
  });

  it("is as before where no header is named", async () => {
    const suite = await newSuite("visitor_proxy");
    const app = await suite.app();
    const headers = { "x-forwarded-for": "203.0.113.7", "do-connecting-ip": "198.51.100.1" };
    expect(await logged(app, headers)).toBe("203.0.113.7");
  });
});

describe("with a secret that the CDN shares", () => {
  it("health checks come without it, and nothing else does", async () => {
    const suite = await newSuite("origin");
    const app = await suite.app({ ORIGIN_SECRET: secret["x-origin-secret"] });
    for (const path of ["/healthz", "/readyz"]) {
      expect((await call(app, path)).status).toBe(200);
      const head = await raw(app.port, `HEAD ${path} HTTP/1.0\r\n\r\n`);
      expect(head).toMatch(/^HTTP\/1\.1 200 /);
    }
    const refused: (readonly [string, string])[] = [
      ...(["/", "/ws", "/assets/index-abc123.js", PATH, "/nothing"] as const).map(
        (path) => ["GET", path] as const,
      ),
      ...(["/healthz/x", "/healthzz", "/readyz/..%2fapi", "//healthz", "/x/healthz"] as const).map(
        (path) => ["GET", path] as const,
      ),
      ["POST", "/healthz"],
      ["DELETE", "/readyz"],
      ["OPTIONS", PATH],
    ];
    for (const [method, path] of refused) {
      const answer = await call(app, path, { method });
      expect([method, path, answer.status]).toEqual([method, path, 403]);
    }
    // Those are no health checks: the log shows them.
    const lines = await until("the lines", () => {
      const found = app.lines().filter((line) => line["path"] === "/healthz/x");
      return found.length > 0 && found;
    });
    expect(lines[0]).toMatchObject({ level: "info", status: 403 });
  });

  it("websockets need it too, wherever they ask", async () => {
    const suite = await newSuite("origin_ws");
    const app = await suite.app({ ORIGIN_SECRET: secret["x-origin-secret"] });
    for (const path of ["/ws", "/healthz", "/readyz", "/"]) {
      expect([path, await refusedUpgrade(app, path)]).toEqual([path, 403]);
    }
    // An offer of another protocol is passed over, and no way round.
    const answer = await raw(
      app.port,
      `GET ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });
});
