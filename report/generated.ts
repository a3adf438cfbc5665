import { z } from "zod";
import { edgeSchema, smallSchema } from "../settings/schema";
import { factsOf, keyOf, type AnySchema, type Definition } from "../settings/problems";
import { rules } from "../tiers/thresholds";
import { preview } from "./preview";
import { renderText } from "./text";
import { previewSchema } from "./schema";

/** Files that are wholly made from the code, by path from the project's root. */
export function generatedFiles(): Record<string, string> {
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  return {
    "docs/schema/config.small.schema.json": json(z.toJSONSchema(smallSchema, { io: "input" })),
    "docs/schema/config.edge.schema.json": json(z.toJSONSchema(edgeSchema, { io: "input" })),
    "docs/schema/preview.schema.json": json(z.toJSONSchema(previewSchema)),
  };
}

/** The sections of the README that the code dictates, between `<!-- generated:NAME -->` marks. */
export async function withGenerated(readme: string): Promise<string> {
  const small = await preview("small");
  const sections: Record<string, string> = {
    preview: ["```text", renderText(small).trimEnd(), "```"].join("\n"),
    configuration: markdownTable(
      ["Key", "Allowed", "Default", "Meaning"],
      keyRows(smallSchema, []),
    ),
    "edge-configuration": markdownTable(
      ["Key", "Allowed", "Default", "Meaning"],
      keyRows(edgeSchema, []),
    ),
    cost: markdownTable(
      ["Line", "Category", "Kind", "Quantity", "USD a month", "Source"],
      [
        ...small.cost.lines.map((line) => [
          line.sku,
          line.category,
          line.kind,
          `${line.quantity} ${line.unit}`,
          line.monthly.toFixed(2),
          `${line.source}, ${line.asOf}${line.verified ? "" : " (unverified)"}`,
        ]),
        ["**Total**", "", "", "", `**${small.cost.monthly.toFixed(2)}**`, ""],
      ],
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
