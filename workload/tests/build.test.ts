import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { buildServer } from "../build";

it("a build takes away migrations of an earlier one, and leaves the page alone", async () => {
  const dist = mkdtempSync(join(tmpdir(), "drops-build-"));
  onTestFinished(() => {
    rmSync(dist, { recursive: true, force: true });
  });
  for (const [folder, file] of [
    ["migrations", "1763000000000_dropped.sql"],
    ["public", "index.html"],
  ] as const) {
    mkdirSync(join(dist, folder));
    writeFileSync(join(dist, folder, file), "");
  }
  await buildServer(dist);
  expect(readdirSync(join(dist, "migrations"))).toEqual(
    readdirSync(join(__dirname, "../migrations")),
  );
  expect(existsSync(join(dist, "public/index.html"))).toBe(true);
  const programs = readdirSync(dist).filter((name) => name.endsWith(".js"));
  expect(programs.sort()).toEqual(["index.js", "migrate.js", "roles.js", "worker.js"]);
});
