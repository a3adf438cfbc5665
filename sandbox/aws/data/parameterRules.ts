import { auroraConnectionFormula } from "../../../prices/aws";
import { AwsError } from "../refusal";
import { auroraParameterFacts, type ParameterFact } from "./auroraParameterTable";
import { invalidCombination, invalidValue } from "./words";

/** A parameter as a group has it. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
  /** @default "immediate" */
  readonly applyMethod?: string | undefined;
}

/** @throws AwsError for a parameter that a group of Aurora PostgreSQL does not take. */
export function requireParameters(
  parameters: readonly Parameter[],
  group: "cluster" | "instance",
): void {
  const twice = parameters.find(({ name }, index) =>
    parameters.slice(0, index).some((other) => other.name === name),
  );
  if (twice) {
    throw new AwsError(
      "api error InvalidParameterValue",
      `Parameter ${twice.name} is in the list more than once.`,
    );
  }
  for (const parameter of parameters) requireParameter(parameter, group);
}

function requireParameter({ name, value, applyMethod }: Parameter, group: string): void {
  const fact = auroraParameterFacts.get(name);
  if (!fact || (fact.ofCluster && group !== "cluster")) {
    throw invalidValue(`Could not find parameter with name: ${name}`);
  }
  if (!isAllowed(fact, value)) {
    throw invalidValue(
      `Invalid parameter value: ${value} for: ${name} allowed values are: ${allowed(fact)}`,
    );
  }
  if (fact.isStatic && (applyMethod ?? "immediate").toLowerCase() === "immediate") {
    throw invalidCombination(`cannot use immediate apply method for static parameter ${name}`);
  }
}

function isAllowed({ values }: ParameterFact, value: string): boolean {
  if (values === "text") return true;
  if (Array.isArray(values)) return values.includes(value);
  const { low, high = Infinity } = values as { low: number; high?: number };
  if (value.includes("{")) return /^[A-Z]*\(?[^;'"]*\{\w+/.test(value);
  const number = Number(value);
  return /^-?\d+(\.\d+)?$/.test(value) && number >= low && number <= high;
}

function allowed({ values }: ParameterFact): string {
  if (values === "text") return "any";
  if (Array.isArray(values)) return values.join(",");
  const { low, high } = values as { low: number; high?: number };
  return `${low}-${high ?? ""}`;
}

/** What a number or a formula comes to; undefined for a formula that is not read here. */
export function valueOf(value: string, classMemoryBytes: number): number | undefined {
  if (/^\d+$/.test(value)) return Number(value);
  const text = value.replaceAll(/\s/g, "");
  const least = /^LEAST\((.+),(\d+)\)$/.exec(text);
  const [formula = "", most = Infinity] = least ? [least[1], Number(least[2])] : [text];
  const [, divisor] = /^\{DBInstanceClassMemory\/(\d+)\}$/.exec(formula) ?? [];
  if (divisor === undefined) return undefined;
  return Math.min(Math.floor(classMemoryBytes / Number(divisor)), most);
}

/** AWS's default, as the default groups have it. */
export const defaultMaxConnections = `LEAST({DBInstanceClassMemory/${auroraConnectionFormula.bytesPerConnection}},${auroraConnectionFormula.most})`;

/** Settings that the sandbox decides itself: what it logs, loads, listens with and has memory for. */
const ownSettings = [
  ...["max_connections", "shared_preload_libraries", "shared_buffers", "huge_pages"],
  ...["password_encryption", "timezone", "log_timezone", "max_files_per_process"],
  ...["default_tablespace", "temp_tablespaces"],
];

/** What of a group's parameters a real server of Postgres gets. */
export function serverSettings(parameters: ReadonlyMap<string, string>): Record<string, string> {
  const taken = [...parameters].filter(
    ([name, value]) =>
      !ownSettings.includes(name) &&
      !name.startsWith("log_") &&
      (!name.includes(".") || name.startsWith("pg_stat_statements.")) &&
      !name.startsWith("apg_") &&
      !value.includes("{"),
  );
  const logical = parameters.get("rds.logical_replication") === "1";
  return { ...Object.fromEntries(taken), wal_level: logical ? "logical" : "replica" };
}
