import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { renderBundle } from "../../host/bundle";
import type { BundleFile, MonitoringHostSpec } from "../../host/types";
import { eventually, freePort, run, start, temporaryDirectory, writeFiles } from "./support";
import type { Finished } from "./support";
import { startUnit } from "./units";

/** One series with its value now. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MonitoringHost {
  readonly root: string;
  readonly files: readonly BundleFile[];
  /** Of nginx: on a host they are 80 and the metrics port. */
  readonly ports: { readonly http: number; readonly metrics: number };
  /** What Prometheus answers to an expression. */
  readonly query: (expr: string) => Promise<readonly Series[]>;
  /** Prometheus' own API, e.g. "/api/v1/targets". */
  readonly api: (path: string) => Promise<unknown>;
  /** `drops-host probe` with this on standard input. */
  readonly probe: (input: string) => Finished;
  /** Starts a service of the bundle by its unit. */
  readonly startService: (name: string, env?: Readonly<Record<string, string>>) => void;
}

/** The secret "metrics-token" of these hosts. */
export const metricsToken = "Abcdefghijklmnopqrstuvwxyz0123456789-_AB";

/**
 * The rendered monitoring host, really running on loopback: its composed files, Debian 13's
 * Prometheus by the bundle's own command line, and nginx before it. Prometheus asks every two seconds.
 */
export async function startMonitoring(
  spec: MonitoringHostSpec,
  secrets: Readonly<Record<string, string>>,
): Promise<MonitoringHost> {
  const root = temporaryDirectory();
  const { files } = renderBundle(spec);
  const used = [9090, 9093, 9100, 9115, 9121, 9187, 9188, 9189];
  const moved = new Map<number, number>();
  for (const port of used) moved.set(port, await freePort());
  const ports = { http: await freePort(), metrics: await freePort() };
  const relocate = (text: string): string =>
    text
      .replaceAll(/\b127\.0\.0\.1:(9\d\d\d)\b/g, (all, port: string) => {
        const here = moved.get(Number(port));
        return here === undefined ? all : `127.0.0.1:${here}`;
      })
      .replaceAll(/(?<![\w.-])\/(?:etc\/(?:drops|nginx)|var|run)\b/g, (path) => root + path)
      .replaceAll(/ *listen \[::\]:.*\n/g, "")
      .replaceAll("listen 80", `listen 127.0.0.1:${ports.http}`)
      .replaceAll(`listen ${spec.metricsPort}`, `listen 127.0.0.1:${ports.metrics}`)
      // Longer than an exporter takes to say that its server is not there.
      .replaceAll(/(scrape_interval|evaluation_interval|scrape_timeout): .*$/gm, "$1: 2s")
      // Credentials are handed over by systemd, which is not here.
      .replaceAll("/run/credentials/prometheus-alertmanager.service", "/etc/drops/secrets");
  const ofPrograms = (path: string): boolean => path.startsWith("/usr/local/lib/");
  writeFiles(
    root,
    files.filter(({ path }) => ofPrograms(path)),
  );
  writeFiles(
    root,
    files.filter(({ path }) => !ofPrograms(path)),
    relocate,
  );
  for (const directory of [
    ...["etc/drops/secrets", "etc/nginx/sites-enabled", "var/log/nginx", "var/lib/drops", "run"],
    ...["var/lib/prometheus/node-exporter", "var/lib/prometheus/alertmanager"],
  ]) {
    mkdirSync(join(root, directory), { recursive: true });
  }
  for (const [name, value] of Object.entries({ "metrics-token": metricsToken, ...secrets })) {
    writeFileSync(join(root, "etc/drops/secrets", name), value);
  }
  const program = (name: string, input = ""): Finished =>
    run(join(root, "usr/local/lib/drops", name), [], { input, env: { DROPS_HOST_ROOT: root } });
  const composed = program("compose");
  expect([composed.status, composed.output]).toEqual([0, ""]);
  writeFileSync(join(root, "var/lib/drops/probe-targets.json"), "[]\n");
  writeFileSync(join(root, "var/lib/drops/installed-at"), `${Math.floor(Date.now() / 1_000)}\n`);
  const measured = program("metrics");
  expect(measured.status, measured.output).toBe(0);

  // What drops-host notes of an apply that succeeded.
  const dropsHost = join(__dirname, "../../host/files/drops-host");
  const note = `import runpy; runpy.run_path(${JSON.stringify(dropsHost)})["record"]("apply", False)`;
  const noted = run("python3", ["-c", note], { env: { DROPS_HOST_ROOT: root } });
  expect([noted.status, noted.output]).toEqual([0, ""]);

  symlinkSync(
    "../sites-available/drops-monitoring",
    join(root, "etc/nginx/sites-enabled/drops-monitoring"),
  );
  const nginx = ["-p", root, "-c", join(root, "etc/nginx/nginx.conf")];
  const check = run("nginx", [...nginx, "-t"]);
  expect(check.output).not.toMatch(/\[(warn|emerg|error)\](?!.*"user")/);
  expect(check.status, check.output).toBe(0);
  start("nginx", [...nginx, "-g", "daemon off;"]);

  const startService: MonitoringHost["startService"] = (name, env) => {
    startUnit(files, name, { relocate, ...(env && { env }) });
  };
  startService("prometheus");
  const base = `http://127.0.0.1:${moved.get(9090) ?? 0}`;
  await eventually(async () => {
    const { status } = await fetch(`${base}/-/ready`);
    expect(status).toBe(200);
  });
  const api = async (path: string): Promise<unknown> => {
    const answer = await fetch(base + path);
    const body = (await answer.json()) as { status: string; data: unknown; error?: string };
    if (body.status !== "success") throw new Error(`${path}: ${body.error ?? body.status}`);
    return body.data;
  };
  return {
    ...{ root, files, ports, api, startService },
    query: async (expr) => {
      const data = (await api(`/api/v1/query?query=${encodeURIComponent(expr)}`)) as {
        readonly result: readonly { metric: Record<string, string>; value: [number, string] }[];
      };
      return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    probe: (input) => program("probe", input),
  };
}

/** What the probe was told. */
export function targetsIn({ root }: MonitoringHost): unknown {
  return JSON.parse(readFileSync(join(root, "var/lib/drops/probe-targets.json"), "utf8"));
}
