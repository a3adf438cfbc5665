import type { EdgePreview, PreviewReport } from "./preview";

/**
 * How a preview ends: `failed` where a mandatory policy is broken, `warnings` where something is not
 * watched or a policy warns. Prices and budgets are notes, never warnings.
 */
export function verdict({
  coverage,
  policy,
}: Pick<PreviewReport | EdgePreview, "coverage" | "policy">): "pass" | "warnings" | "failed" {
  const levels = policy.violations.map(({ level }) => level);
  if (levels.includes("mandatory")) return "failed";
  return levels.includes("warning") || coverage.uncovered.length > 0 ? "warnings" : "pass";
}
