import { beforeAll, describe, expect, it } from "vitest";
import { call, raw, until } from "./support/client";
import type { App } from "./support/programs";
import { newSuite } from "./support/suite";

let app: App;
beforeAll(async () => {
  const suite = await newSuite("bad_input");
  app = await suite.app({ REQUEST_TIMEOUT_MS: "700", HEADERS_TIMEOUT_MS: "500" });
});

describe("bad input", () => {
  const drop = "/api/users/1/drops";
  const key = { "idempotency-key": "a-key-for-tests" };
  const json = { ...key, "content-type": "application/json" };
  it.each([
    ["malformed JSON", drop, { method: "POST", headers: json, body: "{" }, 400, "malformed_json"],
    [
      "JSON that is no object",
      drop,
      { method: "POST", headers: json, body: "7" },
      400,
      "malformed_json",
    ],
    ["an array", drop, { method: "POST", headers: json, body: "[]" }, 400, "invalid_request"],
    [
      "an unknown field",
      drop,
      { method: "POST", headers: json, body: '{"x":1}' },
      400,
      "invalid_request",
    ],
    [
      "an unknown pack",
      drop,
      { method: "POST", headers: json, body: '{"pack":"x"}' },
      400,
      "invalid_request",
    ],
    ["no key", drop, { method: "POST" }, 400, "idempotency_key_required"],
    [
      "a short key",
      drop,
      { method: "POST", headers: { "idempotency-key": "short" } },
      400,
      "invalid_idempotency_key",
    ],
    [
      "a key with spaces",
      drop,
      { method: "POST", headers: { "idempotency-key": "not a key" } },
      400,
      "invalid_idempotency_key",
    ],
    [
      "a form",
      drop,
      { method: "POST", headers: { ...key, "content-type": "text/plain" }, body: "a=1" },
      415,
      "unsupported_media_type",
    ],
    [
      "another charset",
      drop,
      {
        method: "POST",
        headers: { ...key, "content-type": "application/json; charset=latin1" },
        body: "{}",
      },
      415,
      "unsupported_encoding",
    ],
    [
      "a large body",
      drop,
      { method: "POST", headers: json, body: `"${"x".repeat(17_000)}"` },
      413,
      "body_too_large",
    ],
    ["a word as user", "/api/users/me/cards", {}, 400, "invalid_id"],
    ["user 0", "/api/users/0/cards", {}, 400, "invalid_id"],
    ["a user beyond 64 bits", "/api/users/9223372036854775808/cards", {}, 400, "invalid_id"],
    ["SQL as user", "/api/users/1%3BDROP%20TABLE%20drops/cards", {}, 400, "invalid_id"],
    [
      "a card that is none",
      "/api/users/1/cards/x/refund",
      { method: "POST", headers: key },
      400,
      "invalid_id",
    ],
    ["limit 0", "/api/users/1/cards?limit=0", {}, 400, "invalid_request"],
    ["limit 101", "/api/users/1/cards?limit=101", {}, 400, "invalid_request"],
    ["limit 1e1", "/api/users/1/cards?limit=1e1", {}, 400, "invalid_request"],
    ["limit 0x10", "/api/users/1/cards?limit=0x10", {}, 400, "invalid_request"],
    ["limit +5", "/api/users/1/cards?limit=%2B5", {}, 400, "invalid_request"],
    ["limit 5.0", "/api/users/1/cards?limit=5.0", {}, 400, "invalid_request"],
    ["no limit at all", "/api/users/1/cards?limit=", {}, 400, "invalid_request"],
    ["two limits", "/api/users/1/cards?limit=5&limit=6", {}, 400, "invalid_request"],
    ["a foreign cursor", "/api/users/1/cards?cursor=abc", {}, 400, "invalid_request"],
    ["two cursors", "/api/users/1/cards?cursor=a&cursor=b", {}, 400, "invalid_request"],
    ["a broken escape", "/api/users/%ZZ/cards", {}, 400, "bad_request"],
    [
      "a broken escape in a browser",
      "/%zz",
      { headers: { accept: "text/html" } },
      400,
      "bad_request",
    ],
    ["a broken escape of UTF-8", "/%ff", {}, 400, "bad_request"],
    ["a broken escape among the assets", "/assets/%zz", {}, 400, "bad_request"],
    ["an unknown route", "/api/nothing", {}, 404, "not_found"],
    ["an unknown method", "/api/users/1/cards", { method: "DELETE" }, 405, "method_not_allowed"],
    ["reading a write", drop, {}, 405, "method_not_allowed"],
  ] as const)("%s", async (_name, path, options, status, code) => {
    const answer = await call(app, path, options);
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
    expect(answer.body.error.requestId).toBe(answer.headers.get("x-request-id"));
    if (status === 405)
      expect(answer.headers.get("allow")).toBe(path === drop ? "POST" : "GET, HEAD");
  });

  it("takes escapes that are whole, and a limit in plain digits", async () => {
    const page = await call(app, "/%66%C3%BC", { headers: { accept: "text/html" } });
    expect([page.status, page.body]).toEqual([200, expect.stringContaining("<title>")]);
    expect((await call(app, "/api/users/1/cards?limit=10")).status).toBe(200);
  });

  it("does not wait for the rest of an oversized body", async () => {
    const answer = await raw(
      app.port,
      `POST ${drop} HTTP/1.1\r\nHost: x\r\nIdempotency-Key: a-key-for-tests\r\n` +
        `Content-Type: application/json\r\nContent-Length: 100000000\r\n\r\n{`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("cuts off slow clients", async () => {
    const [headers, body] = await Promise.all([
      raw(app.port, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "),
      raw(
        app.port,
        `POST ${drop} HTTP/1.1\r\nHost: x\r\nIdempotency-Key: a-key-for-tests\r\n` +
          "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{",
      ),
    ]);
    expect(headers).toMatch(/^HTTP\/1\.1 408 /);
    expect(body).toMatch(/^HTTP\/1\.1 408 /);
  });

  it.each(["http://[::1/x", "http://[::1/x?secret=1"])(
    "%s, in which there is no path, is answered and logged like any other",
    async (target) => {
      const before = app.lines().length;
      const answer = await raw(
        app.port,
        `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      const [head = "", body = ""] = answer.split("\r\n\r\n");
      expect(head).toMatch(/^HTTP\/1\.1 400 /);
      const { error } = JSON.parse(body) as { error: { code: string; requestId: string } };
      expect(error.code).toBe("bad_request");
      expect(head).toContain(`X-Request-Id: ${error.requestId}`);
      const logged = await until("its line", () =>
        app
          .lines()
          .slice(before)
          .find(({ requestId }) => requestId === error.requestId),
      );
      expect(logged).toMatchObject({ msg: "request", status: 400, path: "http://[::1/x" });
    },
  );

  it.each([
    ["nonsense", "NONSENSE\r\n\r\n", 400],
    ["large headers", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(20_000)}\r\n\r\n`, 431],
  ])("%s is answered and hurts nobody", async (_name, text, status) => {
    expect(await raw(app.port, text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await call(app, "/healthz")).status).toBe(200);
  });
});
