import { z } from "zod";
import { edgeSchema, largeSchema, mediumSchema, smallSchema } from "../settings/schema";
import { factsOf, keyOf, type AnySchema, type Definition } from "../settings/problems";
import { rules } from "../tiers/thresholds";
import { costReports, costsPage } from "./costsPage";
import { doNotEdit, end, markdownTable } from "./markdown";
import { previewSchema } from "./schema";
import { renderText } from "./text";

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
