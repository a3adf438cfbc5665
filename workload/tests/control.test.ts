import { expect, it, describe } from "vitest";
import { readConfig } from "../server/config";
import { type ControlRow, ControlWatch } from "../server/control";
import { createLogger } from "../server/log";
import { call, openDrop, until } from "./support/client";
import { drops, seen, setMode, shutOut, waiting, writers } from "./support/control";
import { asSuperuser, query, withClient } from "./support/postgres";
import { newSuite } from "./support/suite";

describe("readonly", () => {
  it("refuses writes, goes on reading, and opens again", async () => {
    const suite = await newSuite("readonly");
    const app = await suite.app();
    const before = await openDrop(app, 1, "kept-for-later");
    await setMode(suite, "readonly");
    await seen(app, "readonly");
    const refused = await openDrop(app, 1);
    expect([refused.status, refused.body.error.code]).toEqual([503, "read_only"]);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect((await call(app, "/api/users/1/cards")).body.cards).toHaveLength(5);
    const ready = await call(app, "/readyz");
    expect([ready.status, ready.body.status]).toEqual([200, "degraded"]);
    await setMode(suite, "open");
    await seen(app, "open");
    expect((await openDrop(app, 1, "kept-for-later")).body).toEqual(before.body);
  });

  it("lets no write through after the fence, although no process has polled it", async () => {
    const suite = await newSuite("fence");
    const slow = { CONTROL_POLL_MS: "10000" };
    const apps = await Promise.all([suite.app(slow), suite.app(slow)]);
    const traffic = writers(apps, 4);
    await until("writes flow", () => traffic.ids.length > 40);
    // Counted under the fence's own lock: what comes after it is one too many.
    const [fence] = await withClient(suite.url("drops_owner"), async (client) => {
      await client.query("BEGIN; UPDATE drops_control SET mode = 'readonly', epoch = epoch + 1");
      const { rows } = await client.query<{ n: number }>("SELECT count(*)::int AS n FROM drops");
      await client.query("COMMIT");
      return rows;
    });
    const fenced = fence!.n;
    const answered = traffic.statuses.length;
    await until("writers met the fence", () => traffic.statuses.length > answered + 60);
    await traffic.stop();
    expect(await drops(suite)).toBe(fenced);
    // What was acknowledged is there, and nothing else was done.
    expect(traffic.ids).toHaveLength(fenced);
    expect(new Set(traffic.statuses)).toEqual(new Set([201, 503]));
  });

  it("makes the fence wait for a write that is under way", async () => {
    const suite = await newSuite("inflight");
    const app = await suite.app({ DATABASE_STATEMENT_TIMEOUT_MS: "20000" });
    await openDrop(app, 1);
    await withClient(suite.url("drops_app"), async (blocker) => {
      await blocker.query("BEGIN");
      await blocker.query("SELECT FROM accounts WHERE user_id = 1 FOR UPDATE");
      let wrote = false;
      const write = openDrop(app, 1).then((answer) => {
        wrote = true;
        return answer.status;
      });
      await waiting(suite, "drops-web", "transactionid");
      let fenced = false;
      const fence = setMode(suite, "readonly").then(() => (fenced = true));
      await waiting(suite, "", "advisory");
      expect([wrote, fenced]).toEqual([false, false]);
      await blocker.query("ROLLBACK");
      expect(await write).toBe(201);
      await fence;
      expect(await drops(suite)).toBe(2);
    });
  });

  it.each([
    ["a mode nobody knows", "UPDATE drops_control SET mode = 'sideways'"],
    ["forward to nowhere", "UPDATE drops_control SET mode = 'forward', forward_to = NULL"],
    ["forward to a file", "UPDATE drops_control SET mode = 'forward', forward_to = 'file:///etc'"],
    ["no row at all", "DELETE FROM drops_control"],
  ])("%s counts as readonly", async (_name, statement) => {
    const suite = await newSuite("unknown");
    await query(
      suite.url("drops_owner"),
      `DO $$ DECLARE c text; BEGIN
         FOR c IN SELECT conname FROM pg_constraint
                   WHERE conrelid = 'drops_control'::regclass AND contype = 'c'
         LOOP EXECUTE 'ALTER TABLE drops_control DROP CONSTRAINT ' || c; END LOOP; END $$`,
    );
    const app = await suite.app();
    await query(suite.url("drops_owner"), statement);
    await seen(app, "readonly");
    expect((await openDrop(app, 1)).status).toBe(503);
  });

  it("is refused by the table where it makes no sense", async () => {
    const suite = await newSuite("checks");
    await expect(setMode(suite, "sideways")).rejects.toMatchObject({ code: "23514" });
    await expect(setMode(suite, "forward")).rejects.toMatchObject({ code: "23514" });
    await expect(setMode(suite, "forward", "http://u:p@x")).rejects.toMatchObject({
      code: "23514",
    });
  });
});

describe("answers that overtake each other", () => {
  function watch() {
    const lines: string[] = [];
    const destination = { write: (line: string) => lines.push(line) };
    const log = createLogger({ level: "info", base: {}, secrets: [], destination });
    const control = new ControlWatch(readConfig({ DATABASE_URL: "postgres://u@127.0.0.1/d" }), log);
    const modes: string[] = [];
    control.onChange(({ mode }) => modes.push(mode));
    return { control, modes, ignored: () => lines.filter((line) => line.includes("ignored")) };
  }
  const row = (mode: string, epoch: string): ControlRow => ({ mode, epoch, forward_to: null });

  it("an older epoch changes nothing, and is told once", () => {
    const { control, modes, ignored } = watch();
    // As numbers in text they would be in another order.
    control.accept(row("readonly", "10"));
    for (let poll = 0; poll < 5; poll += 1) control.accept(row("open", "9"));
    expect(control.state).toMatchObject({ mode: "readonly", epoch: "10" });
    expect(ignored()).toHaveLength(1);
    control.accept(row("open", "8"));
    expect(ignored()).toHaveLength(2);
    control.accept(row("open", "10"));
    expect([control.state.mode, modes]).toEqual(["open", ["readonly", "open"]]);
  });

  it("lets a write go on only where both are open", () => {
    const { control } = watch();
    control.accept(row("open", "6"));
    expect(control.accept(row("readonly", "5")).mode).toBe("readonly");
    expect(control.state.mode).toBe("open");
    control.accept(row("readonly", "7"));
    expect(control.accept(row("open", "6")).mode).toBe("readonly");
  });

  it("takes a row that is gone for one that is not understood, and the next by its epoch", () => {
    const { control } = watch();
    control.accept(row("open", "6"));
    control.accept(undefined);
    expect(control.state.mode).toBe("readonly");
    control.accept(row("open", "5"));
    expect(control.state.mode).toBe("readonly");
    control.accept(row("open", "6"));
    expect(control.state.mode).toBe("open");
  });
});

it("a fenced database answers 503 and is used again when it lets the app in", async () => {
  const suite = await newSuite("shutout");
  const app = await suite.app();
  await openDrop(app, 1);
  expect((await call(app, "/startupz")).status).toBe(200);
  await shutOut(suite);
  await until("not ready", async () => (await call(app, "/readyz")).status === 503);
  // It is not to be replaced: another process would not be let in either.
  expect((await call(app, "/startupz")).status).toBe(200);
  const refused = await call(app, "/api/users/1/cards");
  expect([refused.status, refused.body.error.code]).toEqual([503, "database_permission_denied"]);
  expect((await openDrop(app, 1)).status).toBe(503);
  await asSuperuser(suite.postgresPort, "postgres", async (client) => {
    await client.query(`GRANT CONNECT ON DATABASE ${suite.database} TO drops_app`);
  });
  await until("ready", async () => (await call(app, "/readyz")).status === 200);
  expect((await openDrop(app, 1)).status).toBe(201);
});
