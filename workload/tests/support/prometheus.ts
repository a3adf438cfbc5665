import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { until } from "./client";
import { freePort } from "./postgres";
import { holdStill } from "./stopped";

const found = spawnSync("prometheus", ["--version"]).status === 0;
if (!found && process.env["REQUIRE_ALL"] === "1") {
  throw new Error("REQUIRE_ALL=1, but prometheus is missing: apt-get install prometheus");
}

/** Whether a real Prometheus is here; the tests that need one are skipped under a name that says so. */
export const prometheusMissing = !found;
export const needsPrometheus = found
  ? ""
  : " [not run: prometheus is missing; apt-get install prometheus]";

export interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

export interface PrometheusServer {
  readonly writeUrl: string;
  query(expression: string): Promise<readonly Found[]>;
  /** Takes connections and answers nothing, until told to go on. */
  pause(): Promise<void>;
  goOn(): void;
}

/** A Prometheus of its own that scrapes nothing and takes remote-write, for one test. */
export async function newPrometheus(): Promise<PrometheusServer> {
  const directory = mkdtempSync(join(tmpdir(), "drops-prometheus-"));
  const config = join(directory, "prometheus.yml");
  writeFileSync(config, "global: {}\n");
  const port = await freePort();
  const child = spawn(
    "prometheus",
    [
      ...[`--config.file=${config}`, `--storage.tsdb.path=${join(directory, "data")}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, "--web.enable-remote-write-receiver"],
    ],
    { stdio: "ignore" },
  );
  const gone = new Promise((resolve) => child.once("exit", resolve));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await gone;
    rmSync(directory, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  await until("Prometheus answers", async () => (await fetch(`${url}/-/ready`)).ok);
  return {
    writeUrl: `${url}/api/v1/write`,
    query: async (expression) => {
      const parameters = new URLSearchParams({ query: expression });
      const answer = await fetch(`${url}/api/v1/query?${parameters.toString()}`);
      return ((await answer.json()) as { data: { result: Found[] } }).data.result;
    },
    pause: () => holdStill(child),
    goOn: () => child.kill("SIGCONT"),
  };
}
