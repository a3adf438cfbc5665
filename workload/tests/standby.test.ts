import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { call, openDrop, until, watch } from "./support/client";
import { newDatabase, newPostgres, type PostgresServer, query, urlOf } from "./support/postgres";
import { type App, runMigrate, startApp } from "./support/programs";
import { newStandby, type Standby } from "./support/standby";

describe("a hot standby where the primary should be", () => {
  const dist = inject("dist");
  let primary: PostgresServer;
  let standby: Standby;
  let app: App;
  beforeAll(async () => {
    primary = await newPostgres();
    await newDatabase(primary.port, "drops");
    const owner = urlOf(primary.port, "drops", "drops_owner");
    await runMigrate(dist, { MIGRATION_DATABASE_URL: owner });
    const before = await startApp(dist, {
      DATABASE_URL: urlOf(primary.port, "drops", "drops_app"),
    });
    expect((await openDrop(before, 1)).status).toBe(201);
    await before.stop();
    standby = await newStandby(primary);
    app = await onStandby();
  });
  afterAll(async () => {
    await standby.remove();
    await primary.remove();
  });
  const onStandby = () =>
    startApp(dist, { DATABASE_URL: urlOf(standby.port, "drops", "drops_app") });
  const setMode = async (port: number, mode: string, forwardTo: string | null) => {
    await query(
      urlOf(port, "drops", "drops_owner"),
      "UPDATE drops_control SET mode = $1, forward_to = $2, epoch = epoch + 1",
      [mode, forwardTo],
    );
  };
  const ready = () => call(app, "/readyz");

  it("stays in the balancer: reads work, writes are told to wait", async () => {
    const { status, body } = await ready();
    expect([status, body.status, body.checks.postgres]).toEqual([200, "degraded", "read-only"]);
    expect(body.checks.control).toMatchObject({ mode: "open", epoch: "1" });
    expect((await call(app, "/api/users/1/cards")).body.cards).toHaveLength(5);
    const refused = await openDrop(app, 1, "kept-for-later");
    expect([refused.status, refused.body.error.code]).toEqual([503, "read_only"]);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(app.lines().filter(({ msg }) => msg === "the control poll failed")).toEqual([]);
  });

  it("is told of a new tier, and forwards there", async () => {
    const mode = (wanted: string) =>
      until(wanted, async () => (await ready()).body.checks.control.mode === wanted);
    // Nobody is there: what the process answers tells that it tried.
    await setMode(primary.port, "forward", "http://127.0.0.1:9");
    await mode("forward");
    const forwarded = await call(app, "/api/users/1/cards");
    expect([forwarded.status, forwarded.body.error.code]).toEqual([502, "forward_failed"]);
    await setMode(primary.port, "open", null);
    await mode("open");
  });

  it("is written and hears the feed once it is promoted, on the connections it has", async () => {
    const sibling = await onStandby();
    const watcher = await watch(app);
    await standby.promote();
    await until("ready", async () => (await ready()).body.status === "ready");
    expect((await ready()).body.checks.postgres).toBe("up");
    const opened = await openDrop(sibling, 1, "kept-for-later");
    expect(opened.status).toBe(201);
    await until("the sibling's event", () => watcher.messages.length > 0);
    expect(watcher.messages[0]).toMatchObject({ dropId: opened.body.drop.id });
  });
});
