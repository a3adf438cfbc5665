import { ports } from "./paths";
import { maxReplicas, type AppHostSpec, type HostSpec, type MonitoringHostSpec } from "./types";

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;
const WORD = /^[a-z0-9][a-z0-9._-]*$/i;
const EMAIL = /^[^\s'"\\,;@$]+@[^\s'"\\,;@$]+$/;
const URL_TEXT = /^https?:\/\/[^\s'"\\$]+$/;

/** Ports on every address of a monitoring host. */
const TAKEN_PORTS = [22, 80];
const lastReplicaExporter = ports.firstReplicaExporter + maxReplicas - 1;

/** Throws one error that names every value which the host's files could not carry. */
export function checkSpec(spec: HostSpec): void {
  const problems = new Problems();
  problems.text("stack", spec.stack, WORD, "letters, digits, dots and dashes");
  problems.text("tier", spec.tier, WORD, "letters, digits, dots and dashes");
  if (spec.role === "app") checkApp(spec, problems);
  else checkMonitoring(spec, problems);
  for (const email of spec.monitoring.recipients.emails) {
    problems.text("monitoring.recipients.emails", email, EMAIL, "email addresses");
  }
  const { backup } = spec;
  if (backup) {
    problems.text("backup.endpoint", backup.endpoint, /^[a-z0-9.-]+(:\d+)?$/, "a host name");
    problems.text("backup.region", backup.region, WORD, "a region's name");
    problems.whole("backup.retentionDays", backup.retentionDays, 1, 3_650);
    problems.whole("backup.hourUtc", backup.hourUtc, 0, 23);
  }
  problems.throwIfAny();
}

function checkApp(spec: AppHostSpec, problems: Problems): void {
  const { site, app } = spec;
  if (site.kind !== "address") {
    problems.text("site.domain", site.domain, HOST_NAME, "a lower-case host name");
    problems.text("site.acmeEmail", site.acmeEmail, EMAIL, "an email address");
  }
  if (site.kind === "proxied") {
    problems.text("site.originName", site.originName, HOST_NAME, "a lower-case host name");
    if (site.originName === site.domain) problems.add("site.originName must differ from domain");
  }
  problems.whole("app.processes", app.processes, 1, 64);
  problems.whole("app.port", app.port, 1024, 65_535);
  problems.whole("app.maxMemoryMib", app.maxMemoryMib, 64, 65_536);
  if (app.environment.PORT !== String(app.port)) {
    problems.add(
      `app.environment.PORT must be app.port (${app.port}), got "${app.environment.PORT}"`,
    );
  }
  if (spec.redis) {
    problems.whole("redis.maxMemoryMib", spec.redis.maxMemoryMib, 16, 65_536);
    if (app.environment.REDIS_MODE !== "single") {
      problems.add("app.environment.REDIS_MODE must be single where Redis runs on the host");
    }
  }
  problems.text("monitoring.probeUrl", spec.monitoring.probeUrl, URL_TEXT, "an http(s) address");
}

function checkMonitoring(spec: MonitoringHostSpec, problems: Problems): void {
  problems.whole("replicas", spec.replicas, 0, maxReplicas);
  problems.whole("metricsPort", spec.metricsPort, 1, 65_535);
  const taken = [...TAKEN_PORTS, ...Object.values(ports)];
  if (taken.includes(spec.metricsPort) || spec.metricsPort === lastReplicaExporter) {
    problems.add(`metricsPort ${spec.metricsPort} is taken by another service of the host`);
  }
}

/** What is wrong, all of it. */
class Problems {
  private readonly found: string[] = [];

  add(problem: string): void {
    this.found.push(problem);
  }

  text(name: string, value: string, pattern: RegExp, allowed: string): void {
    if (!pattern.test(value)) this.add(`${name} must be ${allowed}, got "${value}"`);
  }

  whole(name: string, value: number, least: number, most: number): void {
    if (!Number.isInteger(value) || value < least || value > most) {
      this.add(`${name} must be a whole number ${least}..${most}, got ${value}`);
    }
  }

  throwIfAny(): void {
    if (this.found.length > 0) throw new RangeError(`host spec: ${this.found.join("; ")}`);
  }
}
