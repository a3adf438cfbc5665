import type { Engine } from "./types";

/** The engine for people, in whole lines: what it is, where it lies, what was looked at before it. */
export function engineReport(engine: Engine): string {
  const rows: [string, string][] = [
    ["path", engine.path],
    ["from", engine.why],
    ...(engine.languageHostDir === undefined
      ? []
      : [["language host", engine.languageHostDir] satisfies [string, string]]),
    ...engine.tried.map(({ source, outcome }): [string, string] => [`tried ${source}`, outcome]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  return [`Pulumi ${engine.version}`, ...lines, ""].join("\n");
}
