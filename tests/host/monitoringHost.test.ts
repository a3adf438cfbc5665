import { cpSync, readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { metricsIntake } from "../../host/paths";
import { makeAuthority, type TestAuthority } from "./authority";
import { mediumAlarms } from "./mediumAlarms";
import {
  metricsToken,
  startMonitoring,
  targetsIn,
  type MonitoringHost,
  type Series,
} from "./monitoringServer";
import { startPostgres, type Postgres } from "./postgresServer";
import { tierPostgres } from "./programs";
import { startReferenceApp, type ReferenceApp } from "./referenceApp";
import { monitoringSpec } from "./sample";
import {
  cleanUp,
  describeWith,
  eventually,
  freePort,
  run,
  start,
  temporaryDirectory,
} from "./support";

describeWith(
  [
    ...(["nginx", "psql", "python3", "redis-server", "amtool"] as const),
    ...(["", "-blackbox-exporter", "-node-exporter", "-postgres-exporter"] as const).map(
      (part) => `debian13:prometheus${part}` as const,
    ),
    "debian13:prometheus-redis-exporter",
  ],
  "a monitoring host with everything real",
  () => {
    let host: MonitoringHost;
    let postgres: Postgres;
    let app: ReferenceApp;
    let authority: TestAuthority;

    beforeAll(async () => {
      // Copied: the user that Postgres runs as may not be able to reach the checkout.
      const copy = join(temporaryDirectory(), "postgres");
      cpSync(join(tierPostgres, ".."), copy, { recursive: true, verbatimSymlinks: true });
      postgres = await startPostgres(join(copy, "bin"), { replica: true });
      postgres.sql("doadmin", "GRANT USAGE, CREATE ON SCHEMA public TO drops_owner");
      run("psql", [
        ...["-X", "-h", "127.0.0.1", "-p", String(postgres.port), "-U", "provider"],
        ...["-d", "drops", "-c", "CREATE EXTENSION pg_stat_statements"],
      ]);
      authority = makeAuthority();
      const redis = await freePort();
      start("redis-server", ["--port", String(redis), "--bind", "127.0.0.1", "--save", ""]);

      const { recipients } = monitoringSpec().monitoring;
      host = await startMonitoring(
        monitoringSpec({
          monitoring: {
            alarms: mediumAlarms,
            // Debian 12's Alertmanager reads no webhook from a file.
            recipients: { ...recipients, webhook: false },
          },
        }),
        {
          "database-url": postgres.urlOf("drops_app"),
          "database-replica-url-1": postgres
            .urlOf("drops_app")
            .replace(String(postgres.port), String(postgres.replicaPort)),
          "redis-url": `redis://127.0.0.1:${redis}`,
          "slack-url": "http://127.0.0.1:9/slack",
          "webhook-url": "http://127.0.0.1:9/hook",
          "smtp-password": "x",
        },
      );
      for (const name of [
        ...["node-exporter", "blackbox-exporter", "postgres-exporter", "redis-exporter"],
        "alertmanager",
      ]) {
        // The site's certificate is one that the world trusts.
        host.startService(`prometheus-${name}`, { SSL_CERT_FILE: authority.file });
      }
      host.startService("drops-postgres-replica-1");
      app = await startReferenceApp({
        ownerUrl: postgres.urlOf("drops_owner"),
        appUrl: postgres.urlOf("drops_app"),
        stack: "medium",
        metrics: {
          url: `http://127.0.0.1:${host.ports.metrics}${metricsIntake.path}`,
          token: metricsToken,
        },
      });
    }, 120_000);

    const labelsOf = (series: readonly Series[]): Readonly<Record<string, string>>[] =>
      series.map(({ metric }) => metric);
    /** A site over HTTPS, with the authority's certificate; returns its health address. */
    const startSite = async (): Promise<string> => {
      const { ssl_cert_file = "", ssl_key_file = "" } = authority.settings;
      const site = createServer(
        { cert: readFileSync(ssl_cert_file), key: readFileSync(ssl_key_file) },
        (_, response) => response.end(),
      );
      await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
      cleanUp(() => site.close());
      return `https://localhost:${(site.address() as AddressInfo).port}/healthz`;
    };
    /** Names of all series of a job. */
    const namesOf = async (job: string): Promise<string[]> => {
      const all = await host.query(`count by (__name__) ({job="${job}"})`);
      return labelsOf(all)
        .map(({ __name__ = "" }) => __name__)
        .sort();
    };

    it("has the app's numbers under the names and labels that the rules read", async () => {
      const write = { method: "POST", headers: { "content-type": "application/json" } };
      await fetch(`${app.url}/api/users/1/cards`);
      await fetch(`${app.url}/healthz`);
      const setMode = (mode: string): void => {
        const set = `UPDATE drops_control SET mode = '${mode}', epoch = epoch + 1`;
        expect(postgres.sql("drops_owner", set).output).toBe("");
      };
      setMode("readonly");
      await eventually(async () => {
        expect((await fetch(`${app.url}/api/users/1/drops`, write)).status).toBe(503);
      });
      setMode("open");

      const found = await eventually(async () => {
        const series = await host.query(
          'http_server_request_duration_seconds_count{job="medium/drops"}',
        );
        expect(labelsOf(series).map((labels) => labels.http_response_status_class)).toEqual(
          expect.arrayContaining(["2xx", "5xx"]),
        );
        return series;
      });
      const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string;
      expect(labelsOf(found)).toEqual(
        expect.arrayContaining([
          {
            __name__: "http_server_request_duration_seconds_count",
            job: "medium/drops",
            instance: uuid,
            http_request_method: "GET",
            http_route: "/api/users/:userId/cards",
            http_response_status_code: "200",
            http_response_status_class: "2xx",
          },
          expect.objectContaining({ http_route: "health", http_response_status_class: "2xx" }),
          expect.objectContaining({
            http_response_status_code: "503",
            http_response_status_class: "5xx",
          }),
        ]),
      );
      const buckets = await host.query(
        'count by (le) (http_server_request_duration_seconds_bucket{job="medium/drops"})',
      );
      const limits = labelsOf(buckets).map(({ le }) => Number(le?.replace("+Inf", "Infinity")));
      // The limits of the alarms are bounds of buckets.
      expect(limits).toEqual(expect.arrayContaining([0.5, 2, Number.POSITIVE_INFINITY]));
      for (const job of ["medium/drops", "medium/drops-worker"]) {
        const memory = await host.query(`process_memory_usage_bytes{job="${job}"}`);
        expect(labelsOf(memory)).toEqual([
          { __name__: "process_memory_usage_bytes", job, instance: uuid },
        ]);
        expect(memory[0]!.value).toBeGreaterThan(20e6);
        expect(memory[0]!.value).toBeLessThan(1e9);
      }
      expect(await namesOf("medium/drops")).toEqual(
        expect.arrayContaining([
          "db_client_operation_duration_seconds_count",
          "drops_dependency_up",
          "drops_websocket_connections",
          "nodejs_eventloop_delay_p99_seconds",
        ]),
      );
      expect(await namesOf("medium/drops-worker")).toContain("drops_dependency_up");
    });

    it("asks every exporter, and tells the databases apart", async () => {
      const up = await eventually(async () => {
        const series = await host.query("up");
        const down = series.filter(({ value }) => value !== 1);
        expect(labelsOf(down).filter(({ job }) => job !== "blackbox")).toEqual([]);
        expect(series.length).toBeGreaterThanOrEqual(6);
        return series;
      });
      expect(
        labelsOf(up)
          .map(({ job, instance, target }) => [job, instance, target])
          .sort(),
      ).toEqual([
        ["alertmanager", "medium", undefined],
        ["node", "medium", undefined],
        ["postgres", "medium", "postgres"],
        ["postgres", "medium", "postgres-replica-1"],
        ["prometheus", "medium", undefined],
        ["redis", "medium", undefined],
      ]);
      const valueOf = async (expr: string): Promise<number | undefined> =>
        (await host.query(expr))[0]?.value;
      for (const [target, connections] of [
        ["postgres", 25],
        ["postgres-replica-1", 100],
      ] as const) {
        const of = `{job="postgres",target="${target}"}`;
        expect(await valueOf(`pg_up${of}`)).toBe(1);
        expect(await valueOf(`pg_settings_max_connections${of}`)).toBe(connections);
        expect(await valueOf(`pg_settings_superuser_reserved_connections${of}`)).toBe(3);
        expect(await valueOf(`pg_settings_reserved_connections${of}`)).toBe(0);
        expect(await valueOf(`pg_stat_statements_calls_total${of}`)).toBeGreaterThanOrEqual(0);
      }
      expect(await valueOf('pg_replication_is_replica{target="postgres"}')).toBe(0);
      expect(await valueOf('pg_replication_is_replica{target="postgres-replica-1"}')).toBe(1);
      expect(await valueOf("redis_up")).toBe(1);
    });

    it("probes what it was told, and follows when it is told anew", async () => {
      const one = await startSite();
      expect(host.probe(`${one}\n`).output).toBe(`probe: probing ${one}\n`);
      expect(host.probe(one).output).toBe("probe: unchanged\n");
      await eventually(async () => {
        const series = await host.query('probe_success{job="blackbox"}');
        expect(labelsOf(series)).toEqual([
          { __name__: "probe_success", job: "blackbox", instance: one },
        ]);
        expect(series[0]!.value).toBe(1);
      });
      const [expiry] = await host.query("probe_ssl_earliest_cert_expiry - time()");
      expect(expiry?.value).toBeGreaterThan(86_400);
      const nobody = "https://127.0.0.1:1/healthz";
      expect(host.probe(nobody).output).toBe(`probe: probing ${nobody}\n`);
      expect(targetsIn(host)).toEqual([{ targets: [nobody] }]);
      await eventually(async () => {
        const series = await host.query(`probe_success{instance="${nobody}"}`);
        expect(series.map(({ value }) => value)).toEqual([0]);
      });
      const targets = JSON.stringify(await host.api("/api/v1/targets"));
      expect(targets).toContain("module=https&target=https%3A%2F%2F127.0.0.1%3A1%2Fhealthz");
      host.probe(one);
    });

    it("gives every rule of the medium tier a number", async () => {
      const rules = mediumAlarms.flatMap(({ id, signals }) =>
        signals.flatMap((signal) =>
          signal.emitter === "prometheus" ? [{ id, expr: signal.expr }] : [],
        ),
      );
      expect(rules.length).toBeGreaterThan(15);
      const replica = postgres.urlOf("drops_app").replace(/:\d+\//, `:${postgres.replicaPort}/`);
      await eventually(async () => {
        run("psql", ["-X", "-c", "SELECT count(*) FROM drops_control", replica]);
        const silent: string[] = [];
        for (const { id, expr } of rules) {
          // Steps of whole minutes begin at one, which may not have come yet.
          const soon = expr.replaceAll("$window", "1m").replaceAll(":1m]", ":2s]");
          const [first] = await host.query(soon);
          if (first === undefined || Number.isNaN(first.value)) silent.push(`${id}: ${expr}`);
        }
        expect(silent).toEqual([]);
      }, 30);
      // Probes would hide errors among few requests.
      const selectors = rules.flatMap(
        ({ expr }) => expr.match(/http_server_request_duration_seconds_\w+\{[^}]*\}/g) ?? [],
      );
      const withProbes: string[] = [];
      for (const selector of new Set(selectors)) {
        const routes = labelsOf(await host.query(`count by (http_route) (${selector})`));
        if (routes.some(({ http_route }) => http_route === "health")) withProbes.push(selector);
      }
      expect(withProbes).toEqual([]);
      const health = (await host.api("/api/v1/rules")) as {
        readonly groups: readonly { rules: readonly { name: string; lastError?: string }[] }[];
      };
      const failed = health.groups
        .flatMap(({ rules }) => rules)
        .filter(({ lastError }) => lastError);
      expect(failed).toEqual([]);
    });

    it("sees a replica fall behind, also one that hears nothing any more", async () => {
      const lag = async (): Promise<number> =>
        (await host.query('pg_replica_lag_seconds{target="postgres-replica-1"}'))[0]!.value;
      await eventually(async () => {
        expect(await lag()).toBe(0);
      });
      expect((await host.query('pg_replica_lag_seconds{target="postgres"}'))[0]?.value).toBe(0);
      await postgres.stop();
      await eventually(async () => {
        expect(await lag()).toBeGreaterThan(3);
      });
      // The exporter's own number sees nothing wrong.
      expect(
        (await host.query('pg_replication_lag_seconds{target="postgres-replica-1"}'))[0]?.value,
      ).toBe(0);
      await eventually(async () => {
        expect((await host.query('pg_up{target="postgres"}'))[0]?.value).toBe(0);
      });
    });
  },
);
