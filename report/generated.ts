import { z } from "zod";
import { edgeSchema, largeSchema, mediumSchema, smallSchema } from "../settings/schema";
import { factsOf, keyOf, type AnySchema, type Definition } from "../settings/problems";
import { estimate } from "../prices/estimate";
import { rules } from "../tiers/thresholds";
import { tiers } from "../tiers";
import type { TierName } from "../tiers/types";
import { compose } from "./compose";
import { preview, type PreviewReport } from "./preview";
import { readStackFile, withSetting } from "./stackFile";
import { renderText } from "./text";
import { previewSchema } from "./schema";

const doNotEdit = "<!-- prettier-ignore-start -->\n<!-- Written by `npm run docs`. -->";
const end = "<!-- prettier-ignore-end -->";

/** Files that are wholly made from the code, by path from the project's root. */
export async function generatedFiles(): Promise<Record<string, string>> {
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  const schemas = {
    small: smallSchema,
    medium: mediumSchema,
    large: largeSchema,
    edge: edgeSchema,
  };
  return {
    ...Object.fromEntries(
      Object.entries(schemas).map(([kind, schema]) => [
        `docs/schema/config.${kind}.schema.json`,
        json(z.toJSONSchema(schema, { io: "input" })),
      ]),
    ),
    "docs/schema/preview.schema.json": json(z.toJSONSchema(previewSchema)),
    "docs/configuration.md": configurationPage(schemas),
    "docs/costs.md": await costsPage(),
  };
}

function configurationPage(schemas: Readonly<Record<string, AnySchema>>): string {
  const tables = Object.entries(schemas).map(
    ([kind, schema]) =>
      `## ${kind}\n\nAs JSON Schema: [schema/config.${kind}.schema.json](./schema/config.${kind}.schema.json)\n\n` +
      markdownTable(["Key", "Allowed", "Default", "Meaning"], keyRows(schema, [])),
  );
  return `${doNotEdit}

# Settings

Keys of each kind of stack. Set one with \`pulumi config set --stack <name> --path '<key>' <value>\`, a
secret with \`--secret\`. All problems of a configuration are reported at once, before any resource.

${tables.join("\n\n")}

${end}
`;
}

const largeAsCommitted = "large, as committed";

/** Configurations whose cost a reader will ask for. */
const costed: readonly (readonly [title: string, stack: string, settings: readonly string[]])[] = [
  ["small, as committed", "small", []],
  ["medium, as committed", "medium", []],
  ["medium, with a read replica", "medium", ["postgres.readReplicas=1"]],
  [
    "medium, on a Standard cluster that exists since before 2026-11-30",
    "medium",
    [
      "postgres.edition=standard",
      "postgres.clusterSince=before-2026-11-30",
      "app.poolPerProcess=5",
    ],
  ],
  [largeAsCommitted, "large", []],
];

/** What moves the cost of a large stack, each by itself: what it is, and what is given for it. */
const levers: readonly (readonly [settings: readonly string[], gives: string])[] = [
  [
    ["postgres.instanceClass=db.t4g.medium", "postgres.maxConnections=400"],
    "4 GiB of memory and a processor that throttles: for tests, as AWS says",
  ],
  [["postgres.readers=0"], "no instance that takes over: minutes without a database"],
  [["postgres.mode=serverless"], "follows the load; dearer by the hour at its peak"],
  [["postgres.storage=io-optimized"], "reads and writes are included"],
  [["postgres.insights=advanced"], "15 months of query statistics in place of 7 days"],
  [["postgres.proxy=on"], "fewer connections at the database, a quicker failover"],
  [["postgres.backupDays=7"], "a week back instead of five; AWS Backup's snapshots then cost more"],
  [["backups.plan=off"], "no snapshots that outlive the cluster"],
  [["redis.nodeType=cache.t4g.micro"], "a third of the memory"],
  [["redis.shards=1"], "half of the memory and of the throughput"],
  [["redis.provider=none"], "no cache, and a feed within one task alone"],
  [["network.natGateways=1"], "all zones go out through one: it fails with its zone"],
  [["network.natGateways=3"], "each zone goes out by itself"],
  [["network.interfaceEndpoints=on"], "AWS's services without the way out"],
  [["app.minTasks=2"], "one zone without a task"],
  [["app.cpuUnits=512", "app.memoryMib=1024"], "half the processor for each task"],
  [["worker.minTasks=0"], "the app does the background work"],
  [["edge=cloudflare"], "no CloudFront and no AWS WAF: Cloudflare's plan does their work"],
];

/** USD a month more or less than as committed, by lever; the edge costs the same in all. */
async function leverTable(): Promise<string> {
  const costOf = async (settings: readonly string[]) => {
    const config = settings.reduce(withSetting, readStackFile("large"));
    const { resources } = await compose("large", config);
    return estimate({ resources, load: tiers.large.numbers.monthlyLoad, alsoPaid: [] });
  };
  const committed = await costOf([]);
  const rows: string[][] = [];
  for (const [settings, gives] of levers) {
    const { monthly, unpriced: missing } = await costOf(settings);
    const change = monthly - committed.monthly;
    const unpriced = missing.length > 0 ? ", and what has no price" : "";
    rows.push([
      settings.map((setting) => `\`drops:${setting.replace("=", ": ")}\``).join(", "),
      `${change < 0 ? "-" : "+"}${Math.abs(change).toFixed(2)}${unpriced}`,
      gives,
    ]);
  }
  return markdownTable(["Setting", "USD a month", "What is given, or got"], rows);
}

type CostReports = readonly (readonly [string, PreviewReport])[];

let reported: Promise<CostReports> | undefined;

/** The same for the page and the README: composed once. */
function costReports(): Promise<CostReports> {
  return (reported ??= reportCosts());
}

async function reportCosts(): Promise<CostReports> {
  const reports: [string, PreviewReport][] = [];
  // One after the other: each composition takes the SDK for itself.
  for (const [title, stack, settings] of costed) {
    reports.push([title, (await preview(stack, settings)) as PreviewReport]);
  }
  return reports;
}

async function costsPage(): Promise<string> {
  const reports = await costReports();
  const large = reports.find(([title]) => title === largeAsCommitted)?.[1];
  if (large === undefined) throw new Error("the large stack has no cost");
  const tables = reports.map(([title, { tier, cost }]) => {
    const { requestsMillions, egressGb } = tiers[tier as TierName].numbers.monthlyLoad;
    const rows = cost.lines.map((line) => [
      line.sku,
      line.category,
      line.kind,
      `${line.quantity} ${line.unit}`,
      line.monthly.toFixed(2),
      `${line.source}, ${line.asOf}${line.verified ? "" : " (unverified)"}`,
    ]);
    return (
      `## ${title}\n\nAt ${requestsMillions} million requests and ${egressGb} GB out a month, with the edge.\n\n` +
      markdownTable(
        ["Line", "Category", "Kind", "Quantity", "USD a month", "Source"],
        [...rows, ["**Total**", "", "", "", `**${cost.monthly.toFixed(2)}**`, ""]],
      )
    );
  });
  return `${doNotEdit}

# Costs

"Unverified" means that the number was read second-hand: compare it with the provider's own page.

${tables.join("\n\n")}

## large: what moves its cost

Each by itself, against the stack as committed (${large.cost.monthly.toFixed(2)} USD a month).

${await leverTable()}

${end}
`;
}

/** The sections of the README that the code dictates, between `<!-- generated:NAME -->` marks. */
export async function withGenerated(readme: string): Promise<string> {
  const reports = await costReports();
  const [[, small] = []] = reports;
  if (small === undefined) throw new Error("no configuration has a cost");
  const sections: Record<string, string> = {
    preview: ["```text", renderText(small).trimEnd(), "```"].join("\n"),
    cost: markdownTable(
      ["Configuration", "USD a month", "Of it databases", "Target", "The document"],
      reports.map(([title, { cost }]) => [
        title,
        cost.monthly.toFixed(2),
        cost.byCategory.database.toFixed(2),
        `${cost.target}`,
        `${cost.seed.total.join("-")} itemised, ${cost.seed.headline.join("-")} in its headline`,
      ]),
    ),
    thresholds: markdownTable(
      ["Rule", "Critical", "Warning", "Source"],
      Object.entries(rules).map(([id, rule]) => [
        `[${id}](docs/runbooks/${id}.md)`,
        level(rule.comparison, rule.critical?.value, rule.unit),
        level(rule.comparison, rule.warning?.value, rule.unit),
        rule.source,
      ]),
    ),
  };
  return Object.entries(sections).reduce((text, [name, content]) => {
    const [open, close] = [`<!-- generated:${name} -->`, `<!-- /generated:${name} -->`];
    const [start, end] = [text.indexOf(open), text.indexOf(close)];
    if (start < 0 || end < start) throw new Error(`the README has no section ${name}`);
    return `${text.slice(0, start + open.length)}\n\n${content}\n\n${text.slice(end)}`;
  }, readme);
}

function level(comparison: string, value: number | undefined, unit: string): string {
  return value === undefined ? "-" : `${comparison} ${value} ${unit}`;
}

type Path = readonly string[];

/** One row per key that a person can set. */
function keyRows(schema: AnySchema, path: Path, group?: string): string[][] {
  const { inner, fallback, optional } = peeled(schema);
  const { shape, element } = inner._zod.def as Definition;
  if (path[0] === "thresholds") return thresholdRow;
  if (shape) {
    // Below a group that may be left out, a key is required only with the group.
    const optionalGroup = path.length > 0 && optional && !isPrefaulted(schema);
    const within = optionalGroup ? path.join(".") : group;
    return Object.entries(shape).flatMap(([key, child]) => keyRows(child, [...path, key], within));
  }
  const members = element && peeled(element).inner;
  if (members && (members._zod.def as Definition).shape) {
    const list = `${path.at(-1) ?? ""}[]`;
    return keyRows(members, [...path.slice(0, -1), list], path.join("."));
  }
  const facts = { ...factsOf(schema), ...(element && factsOf(element)) };
  const shown =
    fallback === undefined || Array.isArray(fallback) ? "" : `\`${JSON.stringify(fallback)}\``;
  return [
    [
      `\`${keyOf(path)}${element ? "[]" : ""}\``,
      (facts.allowed ?? "").replaceAll("|", "\\|"),
      shown !== ""
        ? shown
        : optional
          ? "not set"
          : group
            ? `required with \`${group}\``
            : "required",
      `${facts.secret ? "**Secret.** " : ""}${facts.description ?? ""}`,
    ],
  ];
}

const thresholdRow = [
  [
    "`drops:thresholds.<rule>.<severity>`",
    "a number in the rule's unit",
    "the document's",
    "Limit of an alarm: see What is watched.",
  ],
];

/** Whether a group stands even when nothing of it is set, because all of it has defaults. */
function isPrefaulted(schema: AnySchema): boolean {
  return (schema as z.ZodType).safeParse(undefined).data !== undefined;
}

/** A schema without the wrappers that only give a default or make it optional. */
function peeled(schema: AnySchema): { inner: AnySchema; fallback: unknown; optional: boolean } {
  let inner = schema;
  let fallback: unknown;
  for (;;) {
    const { innerType, defaultValue } = inner._zod.def as Definition;
    if (innerType === undefined) break;
    fallback ??= defaultValue;
    inner = innerType;
  }
  return { inner, fallback, optional: (schema as z.ZodType).safeParse(undefined).success };
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
