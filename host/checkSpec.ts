import type { HostSpec } from "./types";

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;
const WORD = /^[a-z0-9][a-z0-9._-]*$/i;
const EMAIL = /^[^\s'"\\,;@$]+@[^\s'"\\,;@$]+$/;
const URL_TEXT = /^https?:\/\/[^\s'"\\$]+$/;

/** Throws one error that names every value which the host's files could not carry. */
export function checkSpec(spec: HostSpec): void {
  const problems: string[] = [];
  const text = (name: string, value: string, pattern: RegExp, allowed: string): void => {
    if (!pattern.test(value)) problems.push(`${name} must be ${allowed}, got "${value}"`);
  };
  const whole = (name: string, value: number, least: number, most: number): void => {
    if (!Number.isInteger(value) || value < least || value > most) {
      problems.push(`${name} must be a whole number ${least}..${most}, got ${value}`);
    }
  };

  text("stack", spec.stack, WORD, "letters, digits, dots and dashes");
  text("tier", spec.tier, WORD, "letters, digits, dots and dashes");
  const { site } = spec;
  if (site.kind !== "address") {
    text("site.domain", site.domain, HOST_NAME, "a lower-case host name");
    text("site.acmeEmail", site.acmeEmail, EMAIL, "an email address");
  }
  if (site.kind === "proxied") {
    text("site.originName", site.originName, HOST_NAME, "a lower-case host name");
    if (site.originName === site.domain) problems.push("site.originName must differ from domain");
  }
  whole("app.processes", spec.app.processes, 1, 64);
  whole("app.port", spec.app.port, 1024, 65_535);
  whole("app.maxMemoryMib", spec.app.maxMemoryMib, 64, 65_536);
  if (spec.app.environment.PORT !== String(spec.app.port)) {
    problems.push(
      `app.environment.PORT must be app.port (${spec.app.port}), got "${spec.app.environment.PORT}"`,
    );
  }
  if (spec.redis) {
    whole("redis.maxMemoryMib", spec.redis.maxMemoryMib, 16, 65_536);
    if (spec.app.environment.REDIS_MODE !== "single") {
      problems.push("app.environment.REDIS_MODE must be single where Redis runs on the host");
    }
  }
  const { recipients } = spec.monitoring;
  text("monitoring.probeUrl", spec.monitoring.probeUrl, URL_TEXT, "an http(s) address");
  for (const email of recipients.emails) {
    text("monitoring.recipients.emails", email, EMAIL, "email addresses");
  }
  if (spec.backup) {
    text("backup.endpoint", spec.backup.endpoint, /^[a-z0-9.-]+(:\d+)?$/, "a host name");
    text("backup.region", spec.backup.region, WORD, "a region's name");
    whole("backup.retentionDays", spec.backup.retentionDays, 1, 3_650);
    whole("backup.hourUtc", spec.backup.hourUtc, 0, 23);
  }
  if (problems.length > 0) throw new RangeError(`host spec: ${problems.join("; ")}`);
}
