import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { duration } from "../../components/alarms/plan";
import { ruleIds, rules, severities, type ThresholdRule } from "../../tiers/thresholds";

/** The text with every run of blanks as one, so that the padding of tables does not matter. */
const read = (name: string): string =>
  readFileSync(join(__dirname, name), "utf8").replaceAll(/ +/g, " ");
const pages = readdirSync(__dirname).filter((name) => name.endsWith(".md"));

const units: Record<ThresholdRule["unit"], string> = {
  milliseconds: " ms",
  seconds: " s",
  percent: " %",
  days: " days",
  hours: " hours",
  count: "",
  "per-second": " a second",
};
const limit = (rule: ThresholdRule, value: number) =>
  `${rule.comparison} ${value}${units[rule.unit]}`;

it("has one page for each rule, and no page without one", () => {
  expect(pages.sort()).toEqual([...ruleIds.map((id) => `${id}.md`), "README.md"].sort());
});

describe.each(ruleIds)("%s", (id) => {
  const rule: ThresholdRule = rules[id];
  const page = read(`${id}.md`);

  it("states the rule's own limits", () => {
    for (const severity of severities) {
      const level = rule[severity];
      const row =
        level && `| ${severity} | ${limit(rule, level.value)} | ${duration(level.windowSeconds)} |`;
      if (row === undefined) expect(page).not.toMatch(new RegExp(`^\\| ${severity} \\| [<>]`, "m"));
      else expect(page).toContain(row);
    }
  });

  it("is in the table of all", () => {
    const [critical, warning] = severities.map((severity) => {
      const level = rule[severity];
      return level ? limit(rule, level.value) : "–";
    });
    const row = read("README.md")
      .split("\n")
      .find((line) => line.startsWith(`| [${id}](./${id}.md) |`));
    expect(row).toMatch(new RegExp(`\\| ${critical!} \\| ${warning!} \\|$`));
  });

  it("has every section, and the length of a page", () => {
    const prose = page.replaceAll(/^```sh$[^]*?^```$/gm, "");
    expect(prose.split("\n").filter((line) => /^##? /.test(line))).toEqual([
      `# ${rule.title}`,
      "## Where it is measured",
      "## How users notice",
      "## First five minutes",
      "## Causes and what to do",
      "## Silence or change it",
      "## Move up a tier",
    ]);
    expect(page.trimEnd().split("\n").length).toBeLessThanOrEqual(70);
    expect(page).toContain(`drops:thresholds.${id}.`);
  });

  it("links only to pages that exist", () => {
    const links = [...page.matchAll(/\]\(\.\/([^)#]+)[^)]*\)/g)].map(([, name]) => name);
    expect(links.filter((name) => !pages.includes(name!))).toEqual([]);
  });
});
