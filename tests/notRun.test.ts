import { expect, it } from "vitest";
import { linesOf } from "./notRun";

it("adds up what was skipped by its reason", () => {
  const redis = "redis-server is missing; apt-get install redis-server";
  const names = [
    `with Redis [not run: ${redis}] > keeps nothing`,
    `one Redis [not run: ${redis}] > hangs`,
    "logs > not run, mtail missing: apt-get install mtail",
    "a managed Valkey (or not run: install it) > takes TLS",
    "a sandbox that root runs > keeps others out",
  ];
  expect(linesOf(names.map((name) => ({ name, file: "services/postgres.test.ts" })))).toEqual([
    `Not run: 2 tests, ${redis}`,
    "Not run: 1 test, mtail missing: apt-get install mtail",
    "Not run: 1 test, install it",
    "Not run: 1 test, in services/postgres.test.ts",
  ]);
});
