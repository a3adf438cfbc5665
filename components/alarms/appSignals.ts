import { availability, both, presence, prometheus, uptime } from "./hostSignals";
import type { AppComponentAlertRule } from "../../prices/digitalocean";
import type { AlarmTarget, Signal } from "./types";

const exporter = "the app's own metrics, pushed";
const latency = "http_server_request_duration_seconds";

/** The app cannot be up before it is there: its share begins when there is a site to probe. */
const firstDeploy =
  "max(drops_probe_first_timestamp_seconds) or max(drops_host_installed_timestamp_seconds)";

/** What an app's metrics carry to say whose they are. */
export interface AppSeries {
  readonly stack: string;
  /** Memory of an instance, bytes. */
  readonly memoryBytes: number;
}

/** Name that the components of an app have in its specification and as alarm targets. */
export const webComponent = "web";
export const workerComponent = "worker";

const alert = (component: string, rule: AppComponentAlertRule): readonly Signal[] => [
  { emitter: "digitalocean-app", component, rule },
];

/**
 * Memory and CPU of a component's instances. One alert of a kind for each component is all that the
 * platform is known to take, so the second limit on memory is read from the app's own metrics.
 */
function instances(component: string, job: string, memoryBytes: number): AlarmTarget["watches"] {
  return {
    memory: {
      signals: {
        critical: alert(component, "MEM_UTILIZATION"),
        warning: [
          {
            emitter: "prometheus",
            exporter,
            expr: `100 * max(process_memory_usage_bytes{job="${job}"}) / ${memoryBytes}`,
            windowInExpr: false,
          },
        ],
      },
    },
    cpu: { signals: { warning: alert(component, "CPU_UTILIZATION") } },
    restarts: { signals: { warning: alert(component, "RESTART_COUNT") } },
  };
}

/** The service on App Platform: its instances, and the site that they make together. */
export function appServiceTarget(
  { stack, memoryBytes }: AppSeries,
  scaling: {
    readonly maxInstances: number;
    /** Of one instance. */
    readonly vcpus: number;
    /** Average CPU that autoscaling aims at. */
    readonly cpuPercent: number;
  },
): AlarmTarget {
  const job = `${stack}/drops`;
  // Health is asked by probes: they would hide errors among few requests.
  const requests = `job="${job}",http_route!="health"`;
  const rate = (part: string, more = "") =>
    `sum(rate(${latency}_${part}{${requests}${more}}[$window]))`;
  return {
    id: webComponent,
    kind: "service",
    title: "the app",
    watches: {
      ...instances(webComponent, job, memoryBytes),
      "response-time": {
        signals: {
          critical: [
            uptime("latency"),
            prometheus(
              exporter,
              `1000 * histogram_quantile(0.95, sum by (le) (rate(${latency}_bucket{${requests}}[$window])))`,
            ),
          ],
          warning: [prometheus(exporter, `1000 * ${rate("sum")} / ${rate("count")}`)],
        },
      },
      "error-rate": both([
        prometheus(
          exporter,
          // No 5xx so far is no series: none, not "unknown".
          `100 * (${rate("count", ',http_response_status_class="5xx"')} or vector(0)) / ${rate("count")}`,
        ),
      ]),
      uptime: {
        signals: {
          critical: [uptime("down"), uptime("down_global")],
          warning: [
            prometheus(
              "blackbox exporter",
              availability('probe_success{job="blackbox"}', firstDeploy),
            ),
          ],
        },
      },
      "certificate-expiry": both([
        uptime("ssl_expiry"),
        {
          emitter: "prometheus",
          exporter: "blackbox exporter",
          expr: '(min(probe_ssl_earliest_cert_expiry{job="blackbox"}) - time()) / 86400',
          windowInExpr: false,
        },
      ]),
      "deploy-failed": {
        signals: { critical: [{ emitter: "digitalocean-app", rule: "DEPLOYMENT_FAILED" }] },
      },
      "at-max-scale": {
        signals: {
          warning: [
            {
              emitter: "prometheus",
              exporter,
              // Hot as well: a fleet that is large and cool is on its way down.
              expr:
                `100 * count(count by (instance) (drops_process_up{job="${job}"})) / ${scaling.maxInstances} ` +
                `* (100 * avg(process_cpu_utilization_ratio{job="${job}"}) / ${scaling.vcpus} > bool ${scaling.cpuPercent})`,
              windowInExpr: false,
            },
          ],
        },
      },
    },
  };
}

/** The background worker on App Platform. Nothing probes it: it is up while it sends its metrics. */
export function appWorkerTarget({ stack, memoryBytes }: AppSeries): AlarmTarget {
  const job = `${stack}/drops-worker`;
  const alive = `drops_process_up{job="${job}"}`;
  return {
    id: workerComponent,
    kind: "worker",
    title: "the worker",
    watches: {
      ...instances(workerComponent, job, memoryBytes),
      uptime: {
        signals: {
          critical: [prometheus(exporter, `100 * max(max_over_time(${alive}[$window]))`)],
          warning: [prometheus(exporter, presence(alive, firstDeploy))],
        },
      },
    },
  };
}
