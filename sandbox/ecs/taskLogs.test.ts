import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { containerFiles, tidyLogs } from "./taskLogs";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "drops-task-logs-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

it("keeps the last logs, and those of what runs", () => {
  const files = Array.from({ length: 30 }, (_, index) =>
    containerFiles(directory, "web", String(index).padStart(8, "0")),
  );
  for (const [index, { logFile }] of files.entries()) {
    writeFileSync(logFile, "");
    utimesSync(logFile, index, index);
  }
  const [running, ended] = files;
  writeFileSync(running!.record, "{}");
  tidyLogs(directory);
  expect(readdirSync(directory)).toHaveLength(22);
  expect([running, ended, files.at(-1)].map((one) => existsSync(one!.logFile))).toEqual([
    ...[true, false, true],
  ]);
});

it("has nothing to do where there is no directory", () => {
  expect(() => {
    tidyLogs(join(directory, "gone"));
  }).not.toThrow();
});
