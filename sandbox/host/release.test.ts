import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { id, payloadOf, plainSpec, secrets, startSample, type Sample } from "./testing/sampleHost";

describe("drops-host release", () => {
  let sample: Sample;
  beforeAll(async () => {
    sample = await startSample();
    expect((await sample.release("v0")).stderr).toContain("no such verb: release");
    expect((await sample.apply(payloadOf(plainSpec()))).status).toBe(0);
  }, 60_000);
  afterAll(() => sample.stop());

  const current = (): string => readlinkSync(join(sample.root, "srv/drops/current"));
  const releases = (): string[] => readdirSync(join(sample.root, "srv/drops/releases")).sort();

  it.each([
    ["a version that leads elsewhere", "../v1", "release: a version is letters, digits, dots"],
    ["something without the app", "empty", "release: dist/index.js is missing in"],
  ])("refuses %s", async (_, version, message) => {
    const source = join(sample.directory, "nothing");
    mkdirSync(source, { recursive: true });
    const result = await sample.hosts.release(id, { directory: source }, version);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(message);
    expect(result.stderr).toContain("drops-host: failed: release ended with status 1");
    expect(existsSync(join(sample.root, "srv/drops/current"))).toBe(false);
  });

  it("has nothing to go back to when the first version is not healthy", async () => {
    const result = await sample.release("bad", { "dist/index.js": "process.exit(3)" });
    expect(result).toMatchObject({ status: 1 });
    expect(result.stderr).toContain(
      "release: bad is not healthy, and there is no other version to go back to\n",
    );
  });

  it("migrates as the owner, starts it and says so", async () => {
    const note = join(sample.directory, "migrated");
    const result = await sample.release("v1", {
      "dist/migrate.js": `require("node:fs").writeFileSync(${JSON.stringify(note)},
        JSON.stringify({ ...process.env, cwd: process.cwd() })); console.log("moved");`,
    });
    expect(result).toEqual({
      status: 0,
      stdout: "release: migrating\nmoved\nrelease: v1 is in use\n",
      stderr: "",
    });
    const seen = JSON.parse(readFileSync(note, "utf8")) as Record<string, string>;
    expect(seen["MIGRATION_DATABASE_URL"]).toBe(secrets["database-owner-url"]);
    expect(seen["DATABASE_URL"]).toBe(secrets["database-url"]);
    expect(seen["cwd"]).toBe(join(sample.root, "srv/drops/releases/v1"));
    expect(seen["PORT"]).toBe(String(sample.hosts.ports(id)?.app));
    expect(current()).toBe("releases/v1");
    expect((await sample.ask()).version).toBe("v1");
    // Alone the owner's URL never reaches the app.
    expect((await sample.ask()).env["MIGRATION_DATABASE_URL"]).toBeUndefined();
    expect(readFileSync(join(sample.root, "var/lib/drops/released-at"), "utf8")).toMatch(
      /^\d{10}\n$/,
    );
  });

  it("keeps the version before within reach, and releases the same one again", async () => {
    for (let time = 1; time <= 2; time++) {
      expect((await sample.release("v2")).stdout).toBe("release: v2 is in use\n");
      expect(current()).toBe("releases/v2");
      expect(readlinkSync(join(sample.root, "srv/drops/previous"))).toBe("releases/v1");
    }
    const said = await sample.ask();
    expect([said.version, said.cwd]).toEqual(["v2", join(sample.root, "srv/drops/releases/v2")]);
  });

  it("goes back when the new version is not healthy", async () => {
    const result = await sample.release("v3", { "dist/index.js": "process.exit(1)" });
    expect(result.status).toBe(1);
    expect(result.stderr).toBe(
      "release: v3 is not healthy, going back to v2\n" +
        "release: v3 was not healthy; v2 is in use again\n" +
        "drops-host: failed: release ended with status 1\n",
    );
    expect(current()).toBe("releases/v2");
    expect((await sample.ask()).version).toBe("v2");
  });

  it("goes back from a version that listens and is not healthy", async () => {
    const unhealthy = `require("node:http").createServer((_, r) => { r.statusCode = 500; r.end(); })
      .listen(process.env.PORT)`;
    const result = await sample.release("v4", { "dist/index.js": unhealthy });
    expect(result.stderr).toContain("release: v4 was not healthy; v2 is in use again");
    expect((await sample.ask()).version).toBe("v2");
  });

  it("does not switch when the migration fails, and says what it said", async () => {
    const before = (await sample.ask()).pid;
    const result = await sample.release("v5", {
      "dist/migrate.js": 'console.error("table is there"); process.exit(4)',
    });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(
      "table is there\nrelease: the migration failed, v5 was not put into use\n",
    );
    expect(current()).toBe("releases/v2");
    const pids = new Set([before, (await sample.ask()).pid, (await sample.ask()).pid]);
    expect(pids.size).toBeLessThanOrEqual(2);
  });

  it("keeps the newest five and what is in use", async () => {
    for (const [at, name] of ["a", "b", "c", "d", "e", "f"].entries()) {
      const directory = join(sample.root, "srv/drops/releases", name);
      mkdirSync(directory);
      utimesSync(directory, 2_000_000_000 + at, 2_000_000_000 + at);
    }
    await sample.release("v6");
    expect(releases()).toEqual(["b", "c", "d", "e", "f", "v2", "v6"]);
  });
});
