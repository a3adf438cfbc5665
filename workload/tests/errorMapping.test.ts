import { expect, it } from "vitest";
import { classify, databaseUnavailable, toHttpError } from "../server/errors";
import { call, openDrop, until } from "./support/client";
import { query } from "./support/postgres";
import { newSuite } from "./support/suite";

const denied = Object.assign(new Error("permission denied for table drops"), { code: "42501" });

it("a missing right is told apart from a database that is down, at connect as well as later", () => {
  expect(classify(denied)).toBe("permission-denied");
  for (const answer of [toHttpError(denied), databaseUnavailable(denied)]) {
    expect(answer).toMatchObject({ status: 503, code: "database_permission_denied" });
    expect(answer.options).toEqual({ retryAfterSeconds: 2, cause: denied });
    expect(classify(answer)).toBe("permission-denied");
  }
  const down = databaseUnavailable(Object.assign(new Error("x"), { code: "ECONNREFUSED" }));
  expect([down.code, classify(down)]).toEqual(["database_unavailable", "connection"]);
});

it("writes whose right was taken away: 503 and try again, told by name; reads go on", async () => {
  const suite = await newSuite("rights");
  const app = await suite.app();
  expect((await openDrop(app, 1)).status).toBe(201);
  const owner = suite.url("drops_owner");
  await query(owner, "REVOKE INSERT ON drops FROM drops_app");
  const refused = await openDrop(app, 1, "a-key-for-tests");
  expect([refused.status, refused.body.error.code]).toEqual([503, "database_permission_denied"]);
  expect(refused.headers.get("retry-after")).toBe("2");
  expect(refused.body.error.message).not.toContain("table");
  expect((await call(app, "/api/users/1/cards")).status).toBe(200);
  expect((await call(app, "/readyz")).status).toBe(200);
  expect(app.lines()).toContainEqual(
    expect.objectContaining({
      ...{ level: "warn", msg: "database_permission_denied" },
      err: expect.objectContaining({ message: "permission denied for table drops", code: "42501" }),
    }),
  );
  // The right is back: the same key does what it was to do, on the same connections.
  await query(owner, "GRANT INSERT ON drops TO drops_app");
  expect((await openDrop(app, 1, "a-key-for-tests")).status).toBe(201);
});

it("a process that may not read drops_control says why it is not ready", async () => {
  const suite = await newSuite("rights");
  const app = await suite.app();
  const owner = suite.url("drops_owner");
  await query(owner, "REVOKE SELECT ON drops_control FROM drops_app");
  const ready = await until("not ready", async () => {
    const answer = await call(app, "/readyz");
    return answer.status === 503 && answer;
  });
  expect(ready.body.checks.postgres).toBe("permission-denied");
  await query(owner, "GRANT SELECT ON drops_control TO drops_app");
  await until("ready", async () => (await call(app, "/readyz")).status === 200);
});
