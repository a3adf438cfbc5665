import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { newPostgresService } from "./postgres";
import { asUser, postgresUser } from "./postgresPrograms";

// Postgres is another user's then, and root's directories keep others out.
describe.runIf(process.getuid?.() === 0)("a sandbox that root runs", () => {
  const hidden = mkdtempSync(join(tmpdir(), "drops-root-"));
  afterAll(() => {
    rmSync(hidden, { recursive: true, force: true });
  });

  it("has its Postgres in a directory that others may not enter", async () => {
    const own = newPostgresService({ directory: join(hidden, "deeper"), log: () => undefined });
    try {
      await own.ensure("two", { major: 17, connectionLimit: 22 });
      const data = join(hidden, "deeper/two/data");
      expect(statSync(data).uid).not.toBe(0);
      expect(statSync(hidden).mode & 0o777).toBe(0o700);
    } finally {
      await own.remove("two");
    }
  });

  it("says which directory is in the way where nothing helps", () => {
    const user = postgresUser();
    expect(asUser(user, "true", [], ["/"])).toEqual({
      ...{ command: "true", args: [], uid: user?.uid, gid: user?.gid },
    });
    expect(asUser(user, "true", [], [hidden])).toMatchObject({ command: "setpriv" });
    expect(() => asUser(user, "true", [], [join(hidden, "none")])).toThrow(hidden);
  });
});
