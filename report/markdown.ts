export const doNotEdit = "<!-- prettier-ignore-start -->\n<!-- Written by `npm run docs`. -->";
export const end = "<!-- prettier-ignore-end -->";

export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
