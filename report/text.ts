import { duration } from "../components/alarms/plan";
import type { CostLine } from "../prices/types";
import { tiers } from "../tiers";
import { documentRuleIds, severities, type RuleId } from "../tiers/thresholds";
import { costCategories } from "../tiers/types";
import type { RegisteredResource } from "./compose";
import type { PreviewAlarm } from "./carried";
import { atItsLargest } from "./cost";
import type { EdgePreview, PreviewReport } from "./preview";
import { table } from "./table";
import { isComponent, isStack, resourceTree } from "./tree";
import { verdict } from "./verdict";

type Report = PreviewReport | EdgePreview;

/** The report for people, on a terminal or in a log. */
export function renderText(report: Report, color = false): string {
  const bold = (text: string): string => (color ? `\u001b[1m${text}\u001b[0m` : text);
  const sections = [
    bold(`${report.stack} (${report.tier}): preview, composed without an account`),
    section(bold, "Resources", resourceCount(report.resources), resourceTree(report.resources)),
    section(bold, "Cost", costHeadline(report), costLines(report)),
    report.tier === "edge"
      ? ""
      : section(bold, "Alarms", alarmHeadline(report), alarmLines(report)),
    section(bold, "Policy", policyHeadline(report), policyLines(report)),
    unverifiedLines(bold, report),
    replaceLines(bold, report),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

function section(
  bold: (text: string) => string,
  title: string,
  headline: string,
  lines: readonly string[],
): string {
  return [`${bold(title)}  ${headline}`, ...lines.map((line) => `  ${line}`.trimEnd())].join("\n");
}

const usd = (amount: number): string => `$${amount.toFixed(2)}`;
const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

function resourceCount(resources: readonly RegisteredResource[]): string {
  const real = resources.filter((resource) => !isComponent(resource) && !isStack(resource));
  const groups = resources.filter(isComponent);
  return `${real.length} in ${plural(groups.length, "component")}`;
}

function costHeadline(report: Report): string {
  const { cost } = report;
  const total = `${usd(cost.monthly)} a month`;
  if (!("seed" in cost)) return total;
  const [low, high] = cost.seed.total;
  const [headlineLow, headlineHigh] = cost.seed.headline;
  const judged =
    cost.withinTarget === null
      ? `at least ${total}, for ${plural(cost.unpriced.length, "item")} without a price; the target is ${usd(cost.target)}`
      : `${total}, ${cost.withinTarget ? "within" : "above"} the target of ${usd(cost.target)}`;
  return `${judged}. The document: $${low}-${high} itemised, $${headlineLow}-${headlineHigh} in its headline`;
}

function costLines(report: Report): string[] {
  const { cost } = report;
  const priced = cost.lines.length;
  const row = (line: CostLine): string[] => [
    line.sku,
    line.resource,
    line.kind,
    usd(line.monthly),
    line.verified ? "" : "*",
  ];
  const lines = costCategories.flatMap((category) => {
    const own = cost.lines.filter((line) => line.category === category);
    return own.length === 0
      ? []
      : [
          [category, "", "", usd(cost.byCategory[category]), ""],
          ...own.map((line) => [`  ${row(line)[0] ?? ""}`, ...row(line).slice(1)]),
        ];
  });
  return [
    ...table(lines, [3]),
    ...(cost.lines.some(({ verified }) => !verified)
      ? ["* price read second-hand: compare it with the provider's own page"]
      : []),
    ...scaleLines(report),
    ...statedLoad(report),
    cost.unpriced.length === 0
      ? `Not priced: nothing (${plural(priced, "line")}, all priced)`
      : `Not priced: ${plural(cost.unpriced.length, "item")}`,
    ...unpricedLines(report).map((line) => `  ${line}`),
  ];
}

/** What has no price, by the reason: a region that the book does not know leaves out a hundred. */
function unpricedLines({ cost: { unpriced } }: Report): string[] {
  return [...new Set(unpriced.map(({ reason }) => reason))].map((reason) => {
    const [first, ...others] = unpriced.filter((item) => item.reason === reason);
    return others.length === 0
      ? `${first?.resource ?? ""} (${first?.type ?? ""}): ${reason}`
      : `${others.length + 1} items: ${reason}`;
  });
}

/** What autoscaling may make of the sum; its lines are priced at the smallest scale. */
function scaleLines({ cost }: Report): string[] {
  const largest = atItsLargest(cost);
  return largest === cost.monthly
    ? []
    : [`What scales is priced at its smallest; with all of it at its largest ${usd(largest)}`];
}

function statedLoad({ tier }: Report): string[] {
  if (!(tier in tiers)) return [];
  const { requestsMillions, egressGb } = tiers[tier as keyof typeof tiers].numbers.monthlyLoad;
  return [
    `Usage at the stated load: ${requestsMillions} M requests and ${egressGb} GB out a month`,
  ];
}

function alarmHeadline({ alarms, coverage }: Report): string {
  const covered =
    coverage.uncovered.length === 0
      ? "every rule is watched on every target"
      : `${plural(coverage.uncovered.length, "rule")} not watched`;
  const targets = new Set(alarms.map(({ target }) => target)).size;
  return `${plural(alarms.length, "alarm")} on ${plural(targets, "target")}: ${covered}`;
}

function alarmLines({ alarms, coverage }: Report): string[] {
  const targets = [...new Set(alarms.map(({ target }) => target))];
  const ids = [...new Set<RuleId>([...documentRuleIds, ...alarms.map(({ rule }) => rule)])];
  const rows = ids.flatMap((rule) =>
    severities.flatMap((severity) => {
      const of = alarms.filter((alarm) => alarm.rule === rule && alarm.severity === severity);
      const [first] = of;
      if (first === undefined) return [];
      return [[rule, severity, limit(first), ...targets.map((target) => mark(of, target))]];
    }),
  );
  return [
    ...table([["rule", "severity", "limit", ...targets], ...rows]),
    ...coverage.uncovered.map(
      ({ rule, severity, target, reason }) =>
        `not watched: ${rule} (${severity}) on ${target}: ${reason}`,
    ),
  ];
}

function limit({ comparison, threshold, unit, windowSeconds }: PreviewAlarm): string {
  const words = {
    milliseconds: " ms",
    seconds: " s",
    percent: " %",
    days: " d",
    hours: " h",
    count: "",
    "per-second": "/s",
  };
  return `${comparison} ${threshold}${words[unit]} for ${duration(windowSeconds)}`;
}

/** Who evaluates an alarm: the provider (DigitalOcean, CloudWatch), a Prometheus of ours, or both. */
function mark(alarms: readonly PreviewAlarm[], target: string): string {
  const alarm = alarms.find((candidate) => candidate.target === target);
  if (alarm === undefined) return "";
  const provider = alarm.resources.some(({ type }) => /^(digitalocean|aws):/.test(type));
  const host = alarm.resources.some(({ type }) => type.startsWith("command:"));
  return [provider ? "provider" : "", host ? "host" : ""].filter((word) => word !== "").join("+");
}

function policyHeadline(report: Report): string {
  const { violations } = report.policy;
  return violations.length === 0
    ? "pass"
    : `${plural(violations.length, "finding")} (${verdict(report)})`;
}

function policyLines({ policy }: Report): string[] {
  return policy.violations.map(
    ({ rule, level, resource, message }) =>
      `${level}  ${rule}  ${resource.split("::").at(-1) ?? ""} ${message}`,
  );
}

/** What is taken for true, so that whoever can look it up does. */
function unverifiedLines(bold: (text: string) => string, { unverified }: Report): string {
  if (unverified.length === 0) return "";
  return section(
    bold,
    "Not verified",
    "taken for true; compare it with the provider's own pages",
    unverified.map(({ subject, statement }) => `${subject}: ${statement}`),
  );
}

function replaceLines(bold: (text: string) => string, { toReplace, stack }: Report): string {
  if (toReplace.length === 0) return "";
  const rows = toReplace.map(({ key, fix }) => [key, fix]);
  return section(
    bold,
    "Before pulumi up",
    `replace the example values in Pulumi.${stack}.yaml`,
    table(rows),
  );
}
