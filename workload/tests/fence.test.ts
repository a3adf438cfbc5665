import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { beginGated } from "../server/control";
import { call, openDrop, until } from "./support/client";
import { drops, seen, setMode, waiting, writers } from "./support/control";
import { openDatabase } from "./support/database";
import { asSuperuser, freePort, withClient } from "./support/postgres";
import { newSuite, type Suite } from "./support/suite";

describe("a fence that waits for a write", () => {
  it("refuses other writes at once, so that reads go on", async () => {
    const suite = await newSuite("waiting_fence");
    // Who waits for a connection as long as the fence waits is told 503.
    const app = await suite.app({ DATABASE_CONNECT_TIMEOUT_MS: "2000" });
    expect((await openDrop(app, 1)).status).toBe(201);
    await withClient(suite.url("drops_app"), async (sibling) => {
      await sibling.query(beginGated());
      const fence = setMode(suite, "readonly");
      await waiting(suite, "", "advisory");
      const traffic = writers([app], 20);
      await until("writes keep coming", () => traffic.statuses.length > 40);
      const reads = Array.from({ length: 3 }, () => call(app, "/api/users/1/cards"));
      for (const read of await Promise.all(reads)) {
        expect([read.status, read.body.cards?.length]).toEqual([200, 5]);
      }
      const write = await openDrop(app, 1);
      expect([write.status, write.body.error.code]).toEqual([503, "read_only"]);
      expect(write.headers.get("retry-after")).toBe("1");
      await traffic.stop();
      expect(new Set(traffic.statuses)).toEqual(new Set([503]));
      // All of it while the sibling's write was under way and the fence was not up.
      expect((await call(app, "/readyz")).body.checks.control.mode).toBe("open");
      await waiting(suite, "", "advisory");
      await sibling.query("COMMIT");
      await fence;
    });
    await seen(app, "readonly");
    expect(await drops(suite)).toBe(1);
  });

  it("is waited for under the same lock by the app and by the trigger", () => {
    const numbers = (text: string, call: RegExp) => call.exec(text)?.slice(1, 3).map(Number);
    const migration = join(__dirname, "../migrations/1764000001000_control.sql");
    const [app, trigger] = [
      numbers(beginGated(), /advisory_xact_lock_shared\((\d+), (\d+)\)/),
      numbers(readFileSync(migration, "utf8"), /pg_advisory_xact_lock\((\d+), (\d+)\)/),
    ];
    expect(app).toEqual([expect.any(Number), expect.any(Number)]);
    expect(app).toEqual(trigger);
  });

  it("finds the mode read after the lock, whatever isolation the database prefers", async () => {
    const suite = await newSuite("isolation");
    await asSuperuser(suite.postgresPort, suite.database, (client) =>
      client.query(
        `ALTER DATABASE ${suite.database} SET default_transaction_isolation = 'repeatable read'`,
      ),
    );
    const { database } = openDatabase({ DATABASE_URL: suite.url("drops_app") });
    const rows = await database.write("look", async (client) => {
      return (await client.query("SHOW transaction_isolation")).rows as unknown[];
    });
    expect(rows).toEqual([{ transaction_isolation: "read committed" }]);
  });
});

describe("a database that lets nobody in any more", () => {
  const connect = async (suite: Suite, allowed: boolean) => {
    await asSuperuser(suite.postgresPort, "postgres", async (client) => {
      const way = allowed
        ? "GRANT CONNECT ON DATABASE %d TO"
        : "REVOKE CONNECT ON DATABASE %d FROM";
      for (const role of ["PUBLIC", "drops_app"]) {
        await client.query(`${way.replace("%d", suite.database)} ${role}`);
      }
    });
  };

  it("goes on telling who was connected; who starts later knows no mode and writes nothing", async () => {
    const suite = await newSuite("locked_out");
    const metricsPort = await freePort();
    const connected = await suite.app();
    await connect(suite, false);
    const late = await suite.app({ METRICS: "prometheus", METRICS_PORT: String(metricsPort) });
    // By a superuser: the fence keeps the owner out as well.
    await asSuperuser(suite.postgresPort, suite.database, (client) =>
      client.query("UPDATE drops_control SET mode = 'readonly', epoch = epoch + 1"),
    );
    await seen(connected, "readonly");

    const { status, body } = await call(late, "/readyz");
    expect([status, body.checks.postgres]).toEqual([503, "permission-denied"]);
    expect(body.checks.control).toMatchObject({ mode: "unknown", epoch: null, ageMs: null });
    // Never ready so far: a deploy of it must not count.
    expect((await call(late, "/startupz")).body).toEqual({ status: "starting" });
    const refused = await openDrop(late, 1);
    expect([refused.status, refused.body.error.code]).toEqual([503, "database_permission_denied"]);
    expect(refused.headers.get("retry-after")).toBe("2");
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    expect(metrics).toMatch(/^drops_control_mode\{[^}]*\} 3$/m);
    expect(late.lines()).toContainEqual(
      expect.objectContaining({ msg: "the control poll failed", mode: "unknown" }),
    );

    await connect(suite, true);
    await seen(late, "readonly");
    await setMode(suite, "open");
    await until("ready", async () => (await call(late, "/readyz")).body.status === "ready");
    expect((await openDrop(late, 1)).status).toBe(201);
  });
});
